using Microsoft.Data.Sqlite;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Tests.Cluster.Idempotency;

public sealed class IdempotencyGrainTests(ClusterFixture cluster)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly KeptAnswer Kept = new(200, [new KeptHeader("content-type", "text/event-stream")], [1, 2, 3]);
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    [Fact]
    public async Task One_of_many_requests_at_one_time_begins_and_all_later_ones_get_its_answer()
    {
        var key = Key(cluster);
        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => key.ClaimAsync(Claim($"r{i}"))));

        var first = Assert.Single(claims, c => c.Outcome is ClaimOutcome.Claimed);
        Assert.All(claims, c => Assert.Equal(first.First, c.First));
        Assert.Equal(19, claims.Count(c => c.Outcome is ClaimOutcome.UnderWay));

        await key.CompleteAsync(first.First, Kept);
        var repeat = await key.ClaimAsync(Claim("later"));
        Assert.Equal((ClaimOutcome.Answered, first.First), (repeat.Outcome, repeat.First));
        Assert.Equal([1, 2, 3], repeat.Kept!.Body!);
    }

    [Fact]
    public async Task The_same_claim_again_is_answered_as_before_and_another_request_is_told_apart()
    {
        var key = Key(cluster);
        Assert.Equal(ClaimOutcome.Claimed, (await key.ClaimAsync(Claim("r1"))).Outcome);
        Assert.Equal(ClaimOutcome.Claimed, (await key.ClaimAsync(Claim("r1"))).Outcome);
        Assert.Equal(ClaimOutcome.Different, (await key.ClaimAsync(Claim("r2", "other"))).Outcome);
        await key.CompleteAsync("r1", Kept);
        Assert.Equal(ClaimOutcome.Different, (await key.ClaimAsync(Claim("r2", "other"))).Outcome);
    }

    [Fact]
    public async Task A_request_that_was_not_executed_leaves_the_key_free()
    {
        var key = Key(cluster);
        await key.ClaimAsync(Claim("r1"));
        await key.ReleaseAsync("r2");
        Assert.Equal(ClaimOutcome.UnderWay, (await key.ClaimAsync(Claim("r3"))).Outcome);
        await key.ReleaseAsync("r1");
        Assert.Equal(ClaimOutcome.Claimed, (await key.ClaimAsync(Claim("r3"))).Outcome);
    }

    [Fact]
    public async Task An_answer_is_there_after_the_silo_was_killed_and_a_silent_request_loses_its_key_with_its_lease()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var answered = Key(own, "answered");
        await answered.ClaimAsync(Claim("r1"));
        await answered.CompleteAsync("r1", Kept);
        await Key(own, "silent").ClaimAsync(Claim("r1"));
        await Key(own, "renewed").ClaimAsync(Claim("r1"));

        await own.RestartAsync(kill: true);

        Assert.Equal(ClaimOutcome.Answered, (await Key(own, "answered").ClaimAsync(Claim("r2"))).Outcome);
        Assert.Equal(ClaimOutcome.UnderWay, (await Key(own, "silent").ClaimAsync(Claim("r2"))).Outcome);
        Assert.True(await Key(own, "renewed").RenewAsync("r1"));
        own.Time.Advance(ClaimTimes.Lease - TimeSpan.FromSeconds(5));
        Assert.True(await Key(own, "renewed").RenewAsync("r1"));
        own.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(ClaimOutcome.UnderWay, (await Key(own, "renewed").ClaimAsync(Claim("r2"))).Outcome);
        Assert.Equal(ClaimOutcome.Claimed, (await Key(own, "silent").ClaimAsync(Claim("r2"))).Outcome);

        // The first comes back: it has lost the key, and what it brings is not what the second will answer.
        Assert.False(await Key(own, "silent").RenewAsync("r1"));
        await Key(own, "silent").CompleteAsync("r1", Kept);
        Assert.Equal((ClaimOutcome.UnderWay, "r2"), await Key(own, "silent").ClaimAsync(Claim("r3")) is var answer ? (answer.Outcome, answer.First) : default);
    }

    [Fact]
    public async Task Nothing_is_stored_of_keys_whose_window_has_ended()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        for (var i = 0; i < 5; i++)
        {
            await Key(own, $"old{i}").ClaimAsync(Claim("r1"));
            await Key(own, $"old{i}").CompleteAsync("r1", Kept);
        }

        Assert.Equal(5, Stored(own, "idempotency"));
        own.Time.Advance(Day + TimeSpan.FromMinutes(30));
        Assert.Equal(ClaimOutcome.Claimed, (await Key(own, "old0").ClaimAsync(Claim("r2", "other"))).Outcome);

        // The request that came next had the old ones swept; its own is kept.
        await Eventually.TrueAsync(() => Stored(own, "idempotency") == 1 && Stored(own, "expiry-shelf") == 1);
        Assert.Equal(ClaimOutcome.UnderWay, (await Key(own, "old0").ClaimAsync(Claim("r3", "other"))).Outcome);
    }

    private static RequestClaim Claim(string request, string fingerprint = "asked") => new(request, fingerprint, Day);

    private static long Stored(ClusterFixture on, string kind)
    {
        using var connection = new SqliteConnection($"Data Source={on.Database};Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM grain_state WHERE grain_type = $kind";
        command.Parameters.AddWithValue("$kind", kind);
        return (long)command.ExecuteScalar()!;
    }

    private IIdempotencyGrain Key(ClusterFixture on, string name = "key") => on.Client.GetGrain<IIdempotencyGrain>(GrainKeys.Join(_workspace, "acme", name));
}
