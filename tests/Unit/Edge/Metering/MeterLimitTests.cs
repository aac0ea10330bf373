using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class MeterLimitTests : IAsyncDisposable
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ScriptedLimit _limit = new();
    private readonly MeteredEdge _edge;

    public MeterLimitTests() => _edge = new MeteredEdge(_time, (_, _) => _limit);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Requests_beyond_the_burst_are_refused_with_the_wait_until_the_next()
    {
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(2, 3)));
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull((await AdmitAsync(revision)).Reservation);
        }

        var refusal = (await AdmitAsync(revision)).Refusal!;

        Assert.Equal(RefusalReason.RateLimited, refusal.Reason);
        Assert.Equal(TimeSpan.FromMilliseconds(500), refusal.RetryAfter);
        Assert.Equal("Limit 'rate' of tenant/acme: 2 requests a second are used up. Try again in 500 ms.", refusal.Message);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.NotNull((await AdmitAsync(revision)).Reservation);
    }

    [Fact]
    public async Task Tokens_are_charged_at_the_worst_and_what_was_not_used_comes_back()
    {
        var revision = Limited(MeteredEdge.Limit(tokens: MeteredEdge.PerSecond(10, 10)));
        var first = (await AdmitAsync(revision)).Reservation!;
        Assert.NotNull((await AdmitAsync(revision)).Refusal);

        first.Settle(MeteredEdge.Used(1, 2));

        Assert.Equal(7, first.Headers!.Value.RemainingTokens);
        Assert.NotNull((await AdmitAsync(revision, new Ask("gpt", 7, 0, null))).Reservation);
        Assert.True(_edge.Meter.BindsTokens(revision, MeteredEdge.Acme(), "gpt"));
    }

    [Fact]
    public async Task A_request_for_more_tokens_than_are_ever_let_through_at_once_is_told_so()
    {
        var refusal = (await AdmitAsync(Limited(MeteredEdge.Limit(tokens: MeteredEdge.PerSecond(100, 9))))).Refusal!;

        Assert.Null(refusal.RetryAfter);
        Assert.Equal("Limit 'rate' of tenant/acme: the request may need 10 tokens, at most 9 are let through at once.", refusal.Message);
    }

    [Fact]
    public async Task Requests_at_one_time_are_bounded_and_one_that_ends_makes_room()
    {
        _limit.Lease = _limit.Lease with { Concurrent = 2 };
        var revision = Limited(MeteredEdge.Limit(concurrent: 2));
        var first = (await AdmitAsync(revision)).Reservation!;
        Assert.NotNull((await AdmitAsync(revision)).Reservation);

        Assert.Equal(RefusalReason.RateLimited, (await AdmitAsync(revision)).Refusal!.Reason);
        first.Settle(MeteredEdge.Used(1, 1));
        first.Settle(MeteredEdge.Used(1, 1));

        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        Assert.NotNull((await AdmitAsync(revision)).Refusal);
    }

    [Fact]
    public async Task A_budget_that_refuses_gives_back_what_the_limits_had_let_through()
    {
        _limit.Lease = _limit.Lease with { Concurrent = 1 };
        var limit = MeteredEdge.Limit(MeteredEdge.PerSecond(1, 1), MeteredEdge.PerSecond(10, 10), concurrent: 1);
        await using var edge = new MeteredEdge(_time, (type, _) => type == typeof(IEdgeRateLimitGrain) ? _limit : new ScriptedBudget(5));
        var both = MeteredEdge.Revision([limit], [MeteredEdge.Budget(BudgetUnit.Tokens, 5)]);

        Assert.Equal(RefusalReason.BudgetSpent, (await edge.AdmitAsync(both, MeteredEdge.Acme(), TenTokens)).Refusal!.Reason);

        Assert.NotNull((await edge.AdmitAsync(Limited(limit), MeteredEdge.Acme(), TenTokens)).Reservation);
    }

    [Fact]
    public async Task A_share_that_grows_begins_with_what_it_had_and_fills_from_there()
    {
        await _edge.StartAsync();
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1, 20)));
        _limit.Lease = _limit.Lease with { Share = RateLease.Whole / 2 };
        var first = _edge.Meter.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();
        await _edge.MoveUntilAsync(() => first.IsCompleted);
        _limit.Lease = _limit.Lease with { Share = RateLease.Whole };
        var asked = _limit.Leases;
        await _edge.MoveUntilAsync(() => _limit.Leases > asked);

        var admitted = 0;
        while ((await AdmitAsync(revision)).Reservation is not null)
        {
            admitted++;
        }

        Assert.InRange(admitted, 0, 10);
    }

    [Fact]
    public async Task An_edge_whose_share_shrank_says_at_once_that_it_goes_by_the_smaller_one()
    {
        await _edge.StartAsync();
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(10, 10), concurrent: 10));
        var under = new[] { (await AdmitAsync(revision)).Reservation, (await AdmitAsync(revision)).Reservation };
        Assert.Equal((0, 0), (_limit.LastDemand!.HeldShare, _limit.LastDemand.HeldConcurrent));

        _limit.Lease = _limit.Lease with { Share = RateLease.Whole / 4, Concurrent = 1 };
        await _edge.MoveUntilAsync(() => _limit.LastDemand is { HeldShare: RateLease.Whole / 4 });

        // Two are still under way, though one place is left.
        Assert.Equal(2, _limit.LastDemand.HeldConcurrent);
        Assert.True(_limit.LastDemand.Number >= 3);
        Array.ForEach(under, reservation => reservation!.Settle(MeteredEdge.Used(1, 1)));
    }

    [Fact]
    public async Task A_share_is_renewed_while_it_is_used_and_given_back_when_it_is_not()
    {
        await _edge.StartAsync();
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(100, 100)));
        var reservation = (await AdmitAsync(revision)).Reservation!;
        Assert.Equal(1, _limit.Leases);

        await _edge.MoveUntilAsync(() => _limit.Leases >= 3);
        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        Assert.Equal(0, _limit.Returns);
        reservation.Settle(MeteredEdge.Used(1, 1));
        (await AdmitAsync(revision)).Reservation!.Settle(MeteredEdge.Used(1, 1));
    }

    [Fact]
    public async Task A_share_that_nobody_uses_is_given_back()
    {
        await _edge.StartAsync();
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(100, 100)));
        (await AdmitAsync(revision)).Reservation!.Settle(MeteredEdge.Used(1, 1));

        await _edge.MoveUntilAsync(() => _limit.Returns == 1);

        Assert.NotNull((await AdmitAsync(revision)).Reservation);
    }

    [Fact]
    public async Task A_share_whose_lease_ended_without_a_silo_refuses_as_unreachable_when_closed()
    {
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(100, 100)));
        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        _limit.IsUnreachable = true;
        Assert.NotNull((await AdmitAsync(revision)).Reservation);

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(RefusalReason.Unreachable, (await _edge.RefuseAsync(revision, MeteredEdge.Acme(), TenTokens)).Reason);
    }

    [Fact]
    public async Task A_share_whose_lease_ended_without_a_silo_admits_within_the_last_share_when_open()
    {
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1, 2), rule: WhenUnreachable.Open));
        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        _limit.IsUnreachable = true;
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        Assert.NotNull((await AdmitAsync(revision)).Reservation);
        Assert.Equal(RefusalReason.RateLimited, (await AdmitAsync(revision)).Refusal!.Reason);
    }

    [Fact]
    public async Task An_open_limit_without_any_share_admits()
    {
        _limit.IsUnreachable = true;

        Assert.NotNull((await AdmitAsync(Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1, 1), rule: WhenUnreachable.Open)))).Reservation);
    }

    [Fact]
    public async Task A_limit_raised_by_a_revision_holds_from_the_next_request_on_and_is_told_to_the_grain()
    {
        await _edge.StartAsync();
        var first = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1, 1)));
        Assert.NotNull((await AdmitAsync(first)).Reservation);
        Assert.NotNull((await AdmitAsync(first)).Refusal);

        var raised = MeteredEdge.Revision([MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1_000, 1_000))], [], number: 2);
        _edge.Meter.BindsTokens(raised, MeteredEdge.Acme(), "gpt");
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.NotNull((await AdmitAsync(raised)).Reservation);
        await _edge.MoveUntilAsync(() => _limit.LastDemand!.Revision == 2);
    }

    [Fact]
    public async Task Demand_counts_what_was_asked_for_admitted_or_not()
    {
        await _edge.StartAsync();
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1, 1)));
        for (var i = 0; i < 20; i++)
        {
            await AdmitAsync(revision);
        }

        await _edge.MoveUntilAsync(() => _limit.LastDemand!.Requests > 5);
        Assert.True(_limit.LastDemand!.Tokens > 50);
    }

    [Fact]
    public async Task A_limit_that_is_declared_no_more_binds_nobody()
    {
        _limit.Lease = _limit.Lease with { Declared = false };
        var revision = Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1, 1)));

        for (var i = 0; i < 5; i++)
        {
            Assert.NotNull((await AdmitAsync(revision)).Reservation);
        }

        Assert.Equal(1, _limit.Leases);
    }

    private static EdgeRevision Limited(LimitResource limit) => MeteredEdge.Revision([limit], []);

    private Task<Admission> AdmitAsync(EdgeRevision revision, Ask? ask = null) => _edge.AdmitAsync(revision, MeteredEdge.Acme(), ask ?? TenTokens);
}
