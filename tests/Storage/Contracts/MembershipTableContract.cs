using System.Net;
using Orleans;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Sluice.Tests.Storage.Contracts;

/// <summary>
/// What Orleans' extended membership protocol promises of a table: every change but a heartbeat goes under the version of the whole table and the ETag of
/// its row, both or neither. Each case has a cluster of its own.
/// </summary>
public abstract class MembershipTableContract
{
    private static readonly DateTime Noon = new(2030, 1, 2, 12, 0, 0, DateTimeKind.Utc);

    private static int _port = 1000;

    private readonly string _cluster = $"cluster-{Guid.NewGuid():n}";

    /// <summary>A table of the cluster, initialised. Tables that are opened for one cluster share their rows, as two silos do.</summary>
    protected abstract Task<IMembershipTable> OpenTableAsync(string clusterId);

    /// <summary>What a client of the cluster reads gateways from, initialised.</summary>
    protected abstract Task<IGatewayListProvider> OpenGatewaysAsync(string clusterId);

    [Fact]
    public async Task A_new_table_is_empty_and_has_version_zero()
    {
        var data = await (await OpenTableAsync(_cluster)).ReadAllAsync();

        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
        Assert.NotEmpty(data.Version.VersionEtag);
    }

    [Fact]
    public async Task A_row_that_was_inserted_is_read_whole_by_another_silo()
    {
        var table = await OpenTableAsync(_cluster);
        var entry = Entry(SiloStatus.Joining);
        entry.SuspectTimes = [Tuple.Create(Silo(), Noon), Tuple.Create(Silo(), Noon.AddSeconds(3))];
        Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next()));

        var data = await (await OpenTableAsync(_cluster)).ReadAllAsync();

        Assert.Equal(1, data.Version.Version);
        var (read, etag) = Assert.Single(data.Members);
        Assert.NotEmpty(etag);
        Assert.Equal(entry.SiloAddress, read.SiloAddress);
        Assert.Equal(entry.Status, read.Status);
        Assert.Equal(entry.HostName, read.HostName);
        Assert.Equal(entry.SiloName, read.SiloName);
        Assert.Equal(entry.RoleName, read.RoleName);
        Assert.Equal(entry.ProxyPort, read.ProxyPort);
        Assert.Equal(entry.StartTime, read.StartTime);
        Assert.Equal(entry.IAmAliveTime, read.IAmAliveTime);
        Assert.Equal(entry.SuspectTimes, read.SuspectTimes);
    }

    [Fact]
    public async Task One_row_is_read_with_the_version_of_the_table()
    {
        var table = await OpenTableAsync(_cluster);
        var entries = await InsertAsync(table, 3);

        var data = await table.ReadRowAsync(entries[1].SiloAddress);

        Assert.Equal(3, data.Version.Version);
        Assert.Equal(entries[1].SiloAddress, Assert.Single(data.Members).Item1.SiloAddress);
    }

    [Fact]
    public async Task A_row_that_is_not_there_is_read_as_the_version_alone()
    {
        var table = await OpenTableAsync(_cluster);
        await InsertAsync(table, 1);

        var data = await table.ReadRowAsync(Silo());

        Assert.Empty(data.Members);
        Assert.Equal(1, data.Version.Version);
    }

    [Fact]
    public async Task An_insert_under_an_old_version_of_the_table_is_refused()
    {
        var table = await OpenTableAsync(_cluster);
        var old = (await table.ReadAllAsync()).Version.Next();
        await InsertAsync(table, 1);

        Assert.False(await table.InsertRowAsync(Entry(), old));

        var data = await table.ReadAllAsync();
        Assert.Single(data.Members);
        Assert.Equal(1, data.Version.Version);
    }

    [Fact]
    public async Task An_insert_of_a_silo_that_is_there_is_refused_and_leaves_the_version()
    {
        var table = await OpenTableAsync(_cluster);
        var entry = (await InsertAsync(table, 1))[0];

        Assert.False(await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next()));

        Assert.Equal(1, (await table.ReadAllAsync()).Version.Version);
    }

    [Fact]
    public async Task An_update_under_the_etag_and_the_version_is_done_and_moves_both()
    {
        var table = await OpenTableAsync(_cluster);
        await InsertAsync(table, 2);
        var before = await table.ReadAllAsync();
        var (entry, etag) = before.Members[0];
        entry.Status = SiloStatus.Dead;

        Assert.True(await table.UpdateRowAsync(entry, etag, before.Version.Next()));

        var after = await table.ReadAllAsync();
        Assert.Equal(3, after.Version.Version);
        Assert.NotEqual(before.Version.VersionEtag, after.Version.VersionEtag);
        var (read, next) = Assert.Single(after.Members, m => m.Item1.SiloAddress.Equals(entry.SiloAddress));
        Assert.Equal(SiloStatus.Dead, read.Status);
        Assert.NotEqual(etag, next);
    }

    [Fact]
    public virtual async Task An_update_under_an_old_etag_is_refused_although_the_version_is_right()
    {
        var table = await OpenTableAsync(_cluster);
        await InsertAsync(table, 1);
        var first = await table.ReadAllAsync();
        var (entry, old) = first.Members[0];
        Assert.True(await table.UpdateRowAsync(entry, old, first.Version.Next()));
        var second = await table.ReadAllAsync();
        Assert.NotEqual(old, second.Members[0].Item2);
        entry.Status = SiloStatus.Dead;

        Assert.False(await table.UpdateRowAsync(entry, old, second.Version.Next()));

        var data = await table.ReadAllAsync();
        Assert.Equal(2, data.Version.Version);
        Assert.NotEqual(SiloStatus.Dead, data.Members[0].Item1.Status);
    }

    [Fact]
    public async Task An_update_under_an_old_version_is_refused_although_the_etag_is_right()
    {
        var table = await OpenTableAsync(_cluster);
        await InsertAsync(table, 1);
        var old = await table.ReadAllAsync();
        await InsertAsync(table, 1);
        var (entry, etag) = old.Members[0];
        entry.Status = SiloStatus.Dead;

        Assert.False(await table.UpdateRowAsync(entry, etag, old.Version.Next()));

        Assert.All((await table.ReadAllAsync()).Members, m => Assert.NotEqual(SiloStatus.Dead, m.Item1.Status));
    }

    [Fact]
    public async Task Of_silos_that_join_under_one_version_exactly_one_is_let_in()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenTableAsync(_cluster)));
        var version = (await tables[0].ReadAllAsync()).Version.Next();

        var done = await Task.WhenAll(tables.Select(t => t.InsertRowAsync(Entry(), version)));

        Assert.Single(done, d => d);
        Assert.Single((await tables[0].ReadAllAsync()).Members);
    }

    [Fact]
    public async Task Silos_that_try_until_they_are_in_are_all_in_and_each_moved_the_version_once()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenTableAsync(_cluster)));

        await Task.WhenAll(tables.Select(async table =>
        {
            var entry = Entry();
            for (var attempt = 0; !await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next()); attempt++)
            {
                Assert.True(attempt < 200, "A silo did not get in.");
            }
        }));

        var data = await tables[0].ReadAllAsync();
        Assert.Equal(6, data.Members.Count);
        Assert.Equal(6, data.Version.Version);
    }

    [Fact]
    public async Task A_heartbeat_changes_the_time_and_nothing_else()
    {
        var table = await OpenTableAsync(_cluster);
        await InsertAsync(table, 2);
        var before = await table.ReadAllAsync();
        var entry = before.Members[0].Item1;
        entry.IAmAliveTime = Noon.AddMinutes(5);

        await table.UpdateIAmAliveAsync(entry);

        var after = await table.ReadAllAsync();
        Assert.Equal(before.Version.Version, after.Version.Version);
        Assert.Equal(before.Version.VersionEtag, after.Version.VersionEtag);
        var read = after.TryGet(entry.SiloAddress)!.Item1;
        Assert.Equal(Noon.AddMinutes(5), read.IAmAliveTime);
        Assert.Equal(entry.Status, read.Status);
        Assert.Equal(entry.ProxyPort, read.ProxyPort);
    }

    [Fact]
    public async Task Silos_that_died_before_a_time_are_removed_and_all_others_stay()
    {
        var table = await OpenTableAsync(_cluster);
        var longDead = await InsertAsync(table, Entry(SiloStatus.Dead, Noon.AddDays(-10)));
        var lately = await InsertAsync(table, Entry(SiloStatus.Dead, Noon));
        var silent = await InsertAsync(table, Entry(SiloStatus.Active, Noon));

        await table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Noon.AddDays(-1)));

        var data = await table.ReadAllAsync();
        Assert.Null(data.TryGet(longDead.SiloAddress));
        Assert.NotNull(data.TryGet(lately.SiloAddress));
        Assert.NotNull(data.TryGet(silent.SiloAddress));
    }

    [Fact]
    public async Task Clusters_in_one_store_do_not_see_each_other()
    {
        var other = $"{_cluster}-other";
        await InsertAsync(await OpenTableAsync(_cluster), 2);
        var table = await OpenTableAsync(other);

        Assert.Empty((await table.ReadAllAsync()).Members);

        await InsertAsync(table, 1);
        await table.DeleteMembershipTableEntriesAsync(other);
        Assert.Equal(2, (await (await OpenTableAsync(_cluster)).ReadAllAsync()).Members.Count);
    }

    [Fact]
    public async Task Clients_are_given_the_gateways_of_active_silos_that_have_one()
    {
        var table = await OpenTableAsync(_cluster);
        var active = await InsertAsync(table, Entry(SiloStatus.Active));
        await InsertAsync(table, Entry(SiloStatus.Joining));
        await InsertAsync(table, Entry(SiloStatus.Dead));
        var without = Entry(SiloStatus.Active);
        without.ProxyPort = 0;
        await InsertAsync(table, without);

        var gateways = await (await OpenGatewaysAsync(_cluster)).GetGatewaysAsync();

        var gateway = Assert.Single(gateways);
        Assert.Equal(new IPEndPoint(active.SiloAddress.Endpoint.Address, active.ProxyPort), gateway.ToIPEndPoint());
    }

    /// <summary>A silo that is in no table yet; its last sign of life is at <paramref name="alive"/>.</summary>
    protected static MembershipEntry Entry(SiloStatus status = SiloStatus.Active, DateTime? alive = null)
    {
        var address = Silo();
        return new MembershipEntry
        {
            SiloAddress = address,
            HostName = "silo.example",
            SiloName = $"silo-{address.Endpoint.Port}",
            RoleName = "sluice",
            Status = status,
            ProxyPort = 30_000,
            StartTime = alive ?? Noon,
            IAmAliveTime = alive ?? Noon,
            SuspectTimes = [],
        };
    }

    private static SiloAddress Silo() => SiloAddress.New(IPAddress.Loopback, Interlocked.Increment(ref _port), generation: 1);

    private static async Task<MembershipEntry> InsertAsync(IMembershipTable table, MembershipEntry entry)
    {
        Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync()).Version.Next()));
        return entry;
    }

    private static async Task<MembershipEntry[]> InsertAsync(IMembershipTable table, int count)
    {
        var entries = new MembershipEntry[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = await InsertAsync(table, Entry());
        }

        return entries;
    }
}
