using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>
/// The membership of a cluster whose silos are processes of one machine, in a SQLite file. It promises Orleans' extended protocol: every change but a
/// heartbeat is done under the ETag of its row and the version of the whole table, both or neither, and is on disk when it is answered.
/// </summary>
internal sealed class SqliteMembershipTable : IMembershipTable, IDisposable
{
    private const int QueueLength = 256;
    private const int MostAttempts = 100;

    private readonly SqliteClusteringOptions _options;
    private readonly SqliteFiles _files;
    private readonly string _cluster;
    private readonly SiloAddress _self;
    private readonly SiloLocks? _locks;
    private readonly WorkQueue<Func<MembershipRows, object>, object> _work = new(QueueLength);
    private readonly Lock _opening = new();
    private bool _open;

    public SqliteMembershipTable(IOptions<SqliteClusteringOptions> options, IOptions<ClusterOptions> cluster, ILocalSiloDetails self, SqliteFiles files)
    {
        _files = files;
        _options = options.Value;
        _cluster = cluster.Value.ClusterId;
        _self = self.SiloAddress;
        _locks = _options.SiloLocks is { } folder ? new SiloLocks(folder) : null;
    }

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        Open();
        if (tryInitTableVersion)
        {
            await RunAsync(rows =>
            {
                rows.AddVersion();
                return true;
            });
        }

        if (_locks is not null)
        {
            _locks.Hold(_self);
            await RunAsync(rows => BuryGone(rows, _locks));
        }
    }

    public Task<MembershipTableData> ReadAll() => RunAsync(rows => rows.Read());

    public Task<MembershipTableData> ReadRow(SiloAddress key) => RunAsync(rows => rows.Read(key));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => RunAsync(rows => rows.Write(entry, null, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => RunAsync(rows => rows.Write(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) => RunAsync(rows =>
    {
        rows.WriteAlive(entry);
        return true;
    });

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => RunAsync(rows =>
    {
        rows.RemoveDefunct(beforeDate.UtcDateTime);
        return true;
    });

    public Task DeleteMembershipTableEntries(string clusterId) => RunAsync(rows =>
    {
        rows.RemoveAll(clusterId);
        return true;
    });

    public void Dispose()
    {
        _work.Close();
        _locks?.Dispose();
    }

    // A thread of its own: a heartbeat waits neither for grains' writes nor for the thread pool.
    private void Open()
    {
        lock (_opening)
        {
            if (_open)
            {
                return;
            }

            var connection = _files.OpenFirst(Path.GetFullPath(_options.Path), _options.BusyTimeout);
            _open = true;
            new Thread(() => Serve(connection)) { IsBackground = true, Name = "sqlite membership" }.Start();
        }
    }

    private void Serve(SqliteConnection connection)
    {
        using (connection)
        {
            var rows = new MembershipRows(connection, _cluster);
            var batch = new List<WorkQueue<Func<MembershipRows, object>, object>.Work>(1);
            while (_work.Take(batch, most: 1))
            {
                try
                {
                    batch[0].Answer.SetResult(batch[0].Request(rows));
                }
                catch (Exception e)
                {
                    batch[0].Answer.SetException(e);
                }
            }
        }
    }

    // A silo whose process is gone is declared dead, as another silo would after its probes; under the table's version like any other change.
    private bool BuryGone(MembershipRows rows, SiloLocks locks)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var data = rows.Read();
            var gone = data.Members.FirstOrDefault(m => m.Item1.Status != SiloStatus.Dead && !m.Item1.SiloAddress.Equals(_self) && locks.IsGone(m.Item1.SiloAddress));
            if (gone is null)
            {
                return true;
            }

            gone.Item1.Status = SiloStatus.Dead;
            rows.Write(gone.Item1, gone.Item2, data.Version.Next());
        }

        return false;
    }

    private async Task<T> RunAsync<T>(Func<MembershipRows, T> request)
        where T : notnull => (T)await _work.RunAsync(rows => request(rows), CancellationToken.None);
}
