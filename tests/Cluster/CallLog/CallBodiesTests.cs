using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Tests.Cluster.CallLog;

/// <summary>Where bodies of calls rest: each once, for its days, until somebody lets them go; nothing opens without the tenant's key.</summary>
public sealed class CallBodiesTests(ClusterFixture cluster)
{
    private static readonly Author Ann = new("ann", "api", "127.0.0.1");
    private readonly string _tenant = $"t{Guid.NewGuid():n}"[..12];

    private ICallBodiesGrain Bodies => cluster.Client.GetGrain<ICallBodiesGrain>(GrainKeys.Join(GrainKeys.DefaultWorkspace, _tenant));

    [Fact]
    public async Task Bodies_are_kept_once_in_few_files_read_by_name_and_let_go_by_call_user_and_time()
    {
        var now = cluster.Time.GetUtcNow();
        now = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 30, 0, TimeSpan.Zero);
        await Bodies.AppendAsync([Body(now, 1, "ada"), Body(now.AddMinutes(-5), 2, "ada")]);
        await Bodies.AppendAsync([Body(now, 1, "ada"), Body(now, 3, "bob"), Body(now.AddHours(-3), 4, "")]);

        Assert.Equal(4, (await Bodies.SummaryAsync()).Calls);
        Assert.Equal(2, Files().Length);
        Assert.Equal("said 3", (await Bodies.ReadAsync(Id(now, 3), Ann))!.Request.Text);
        Assert.Null(await Bodies.ReadAsync(Id(now, 9), Ann));
        Assert.All(Files(), file => Assert.DoesNotContain("said", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));

        Assert.Equal(new BodiesErased(1, 0), await Bodies.EraseAsync(Id(now, 3), null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Ann));
        Assert.Equal(new BodiesErased(1, 0), await Bodies.EraseAsync(null, "ada", now.AddMinutes(-1), now.AddMinutes(1), Ann));
        Assert.Equal(new BodiesErased(1, 0), await Bodies.EraseAsync(null, null, now.AddHours(-4), now.AddHours(-2), Ann));
        Assert.Null(await Bodies.ReadAsync(Id(now, 1), Ann));
        Assert.Equal("said 2", (await Bodies.ReadAsync(Id(now.AddMinutes(-5), 2), Ann))!.Request.Text);
        Assert.Single(Files());

        var accesses = (await Bodies.SummaryAsync()).Accesses;
        Assert.Equal([BodyAct.Read, BodyAct.Erased, BodyAct.Erased, BodyAct.Erased, BodyAct.Read], accesses.Select(access => access.Act));
        Assert.All(accesses, access => Assert.Equal(Ann, access.By));
        Assert.Equal(Id(now, 3), accesses[^1].What);
    }

    [Fact]
    public async Task Without_the_key_that_was_let_go_no_copy_of_a_file_opens()
    {
        var now = cluster.Time.GetUtcNow();
        await Bodies.AppendAsync([Body(now, 1, "")]);
        var file = Assert.Single(Files());
        var copy = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);

        Assert.Equal(new BodiesErased(1, 0), await Bodies.EraseAllAsync(Ann));
        Assert.Empty(Files());

        // What comes then is sealed under another key: the copy is of no use in its place.
        await Bodies.AppendAsync([Body(now, 2, "")]);
        await File.WriteAllBytesAsync(Assert.Single(Files()), copy, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<Exception>(() => Bodies.ReadAsync(Id(now, 2), Ann));
    }

    [Fact]
    public async Task None_is_kept_longer_than_its_days()
    {
        var now = cluster.Time.GetUtcNow();
        await Bodies.AppendAsync([Body(now.AddDays(-1).AddMinutes(-1), 1, "") with { Days = 1 }, Body(now.AddDays(-1).AddMinutes(-1), 2, ""), Body(now.AddHours(-22), 3, "") with { Days = 1 }]);

        await UpkeepAsync();

        Assert.Null(await Bodies.ReadAsync(Id(now.AddDays(-1).AddMinutes(-1), 1), Ann));
        Assert.Equal(2, (await Bodies.SummaryAsync()).Calls);
        Assert.NotNull(await Bodies.ReadAsync(Id(now.AddHours(-22), 3), Ann));
        Assert.Equal("said 2", (await Bodies.ReadAsync(Id(now.AddDays(-1).AddMinutes(-1), 2), Ann))!.Request.Text);
        Assert.Equal(2, Files().Length);
    }

    [Fact]
    public async Task What_is_held_is_let_go_neither_by_anybody_nor_with_time_and_is_once_the_hold_ends()
    {
        var old = cluster.Time.GetUtcNow().AddDays(-8);
        old = new DateTimeOffset(old.Year, old.Month, old.Day, old.Hour, 30, 0, TimeSpan.Zero);
        await Bodies.AppendAsync([Body(old, 1, "ada"), Body(old, 2, "bob"), Body(old, 3, "bob"), Body(old.AddHours(-2), 4, "ada")]);
        var user = (await Bodies.HoldAsync(null, "ada", "matter 17", null, Ann))!;
        var call = (await Bodies.HoldAsync(Id(old, 2), null, "matter 18", cluster.Time.GetUtcNow().AddYears(1), Ann))!;

        Assert.Equal([Id(old.AddHours(-2), 4), Id(old, 1)], (await Bodies.FindHeldAsync(user.Id, null))!.Calls.Select(held => held.Request));
        Assert.Equal(Id(old, 1), Assert.Single((await Bodies.FindHeldAsync(user.Id, Id(old.AddHours(-2), 4)))!.Calls).Request);
        Assert.Equal(new BodiesErased(0, 2), await Bodies.EraseAsync(null, "ada", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Ann));
        var copy = await File.ReadAllBytesAsync(Files()[^1], TestContext.Current.CancellationToken);

        // Time is over for all four; one is held by nothing.
        await UpkeepAsync();
        await UpkeepAsync();
        Assert.Equal(3, (await Bodies.SummaryAsync()).Calls);
        Assert.Null(await Bodies.ReadAsync(Id(old, 3), Ann));

        // The key goes all the same: what is held is sealed under another one.
        Assert.True(await Bodies.ReleaseAsync(call.Id, "settled", Ann));
        Assert.Equal(new BodiesErased(1, 2), await Bodies.EraseAllAsync(Ann));
        Assert.Equal("said 1", (await Bodies.ReadAsync(Id(old, 1), Ann))!.Request.Text);
        Assert.All(Files(), file => Assert.NotEqual(copy, File.ReadAllBytes(file)));

        Assert.True(await Bodies.ReleaseAsync(user.Id, "settled", Ann));
        Assert.False(await Bodies.ReleaseAsync(user.Id, "settled", Ann));
        await UpkeepAsync();
        Assert.Equal(0, (await Bodies.SummaryAsync()).Calls);
        Assert.Empty(Files());
        Assert.Equal(["matter 18; released: settled", "matter 17; released: settled"], (await Bodies.SummaryAsync()).Accesses.Where(a => a.Act is BodyAct.Released).Reverse().Select(a => a.What[^28..]));
        Assert.Equal(2, (await Bodies.SummaryAsync()).Accesses.Count(a => a.Act is BodyAct.Held && a.By == Ann));
    }

    [Fact]
    public async Task A_hold_of_all_keeps_what_comes_too_and_nothing_is_erased_while_it_lasts()
    {
        var now = cluster.Time.GetUtcNow();
        await Bodies.HoldAsync(null, null, "matter 19", null, Ann);
        await Bodies.AppendAsync([Body(now, 1, ""), Body(now, 2, "bob")]);

        Assert.Equal(new BodiesErased(0, 2), await Bodies.EraseAllAsync(Ann));
        Assert.Equal("said 2", (await Bodies.ReadAsync(Id(now, 2), Ann))!.Request.Text);
        Assert.Single((await Bodies.SummaryAsync()).Holds);
    }

    [Fact]
    public async Task An_export_is_written_down_once_and_tells_what_is_kept_in_the_order_that_was_asked()
    {
        var now = cluster.Time.GetUtcNow();
        await Bodies.AppendAsync([Body(now, 1, ""), Body(now, 2, ""), Body(now, 3, "") with { Answer = new LoggedBody("text/plain", 5 << 20, new string('x', 5 << 20), null) }]);

        var first = await Bodies.ExportAsync([Id(now, 2), Id(now, 9), Id(now, 3), Id(now, 1)], Ann, "export 1: all");
        var second = await Bodies.ExportAsync([Id(now, 1)], Ann, "export 1: all");

        Assert.Equal([Id(now, 2), Id(now, 3)], first.Bodies.Select(body => body.RequestId));
        Assert.Equal(3, first.Looked);
        Assert.Equal(Id(now, 1), Assert.Single(second.Bodies).RequestId);
        Assert.Equal((BodyAct.Exported, "export 1: all"), Assert.Single((await Bodies.SummaryAsync()).Accesses) is var access ? (access.Act, access.What) : default);
    }

    private Task UpkeepAsync() => cluster.Client.GetGrain<ICallBodyTenantsGrain>(GrainKeys.DefaultWorkspace).UpkeepAsync();

    private static string Id(DateTimeOffset arrived, int number) => string.Create(CultureInfo.InvariantCulture, $"req_{arrived.ToUnixTimeMilliseconds():x11}{number:x16}");

    private static CallBody Body(DateTimeOffset arrived, int number, string user) =>
        new(Id(arrived, number), user, arrived, 7, [], new LoggedBody("text/plain", 6, $"said {number}", null), [], new LoggedBody("text/plain", 2, "ok", null));

    private string[] Files() => cluster.CallFiles.FilesOf(Path.Combine("_bodies", GrainKeys.DefaultWorkspace, _tenant));
}
