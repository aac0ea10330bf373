using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class MeterShareTests : IAsyncDisposable
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ScriptedLimit _limit = new();
    private readonly MeteredEdge _edge;

    public MeterShareTests() => _edge = new MeteredEdge(_time, (_, _) => _limit);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task A_request_on_an_edge_that_has_no_share_yet_waits_for_one()
    {
        _limit.Lease = _limit.Lease with { Share = 0 };
        var admission = _edge.Meter.AdmitAsync(
            Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(10, 10))), MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => _limit.Leases == 1);
        Assert.False(admission.IsCompleted);

        _limit.Lease = _limit.Lease with { Share = RateLease.Whole / 2 };
        await _edge.MoveUntilAsync(() => admission.IsCompleted);

        Assert.NotNull((await admission).Reservation);
    }

    [Fact]
    public async Task A_request_on_an_edge_that_has_but_a_sliver_of_a_share_yet_waits_for_more_of_it()
    {
        _limit.Lease = _limit.Lease with { Share = 1 };
        var admission = _edge.Meter.AdmitAsync(
            Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(2_800, 10_000_000))), MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => _limit.Leases == 1);
        Assert.False(admission.IsCompleted);

        _limit.Lease = _limit.Lease with { Share = RateLease.Whole / 2 };
        await _edge.MoveUntilAsync(() => admission.IsCompleted);

        Assert.NotNull((await admission).Reservation);
    }

    [Fact]
    public async Task A_part_of_a_limit_that_is_slow_as_a_whole_refuses_at_once_and_says_when_it_fills()
    {
        _limit.Lease = _limit.Lease with { Share = RateLease.Whole / 2 };
        var refusal = (await AdmitAsync(Limited(MeteredEdge.Limit(requests: new Rate(TimeSpan.FromMinutes(1), 1, 10))))).Refusal!;

        Assert.Equal((RefusalReason.RateLimited, TimeSpan.FromMinutes(2)), (refusal.Reason, refusal.RetryAfter));
    }

    [Fact]
    public async Task A_request_on_an_edge_that_gets_no_share_is_refused_after_a_while()
    {
        _limit.Lease = _limit.Lease with { Share = 0 };
        var admission = _edge.Meter.AdmitAsync(
            Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(10, 10))), MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();

        await _edge.MoveUntilAsync(() => admission.IsCompleted);

        var refusal = (await admission).Refusal!;
        Assert.Equal((RefusalReason.RateLimited, TimeSpan.FromSeconds(1)), (refusal.Reason, refusal.RetryAfter));
    }

    [Fact]
    public async Task The_first_to_come_on_a_part_of_a_share_waits_for_it_to_fill()
    {
        _limit.Lease = _limit.Lease with { Share = RateLease.Whole / 2 };
        var admission = _edge.Meter.AdmitAsync(
            Limited(MeteredEdge.Limit(requests: MeteredEdge.PerSecond(10, 10))), MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => _limit.Leases == 1);
        Assert.False(admission.IsCompleted);

        await _edge.MoveUntilAsync(() => admission.IsCompleted);

        Assert.NotNull((await admission).Reservation);
    }

    private static EdgeRevision Limited(LimitResource limit) => MeteredEdge.Revision([limit], []);

    private Task<Admission> AdmitAsync(EdgeRevision revision, Ask? ask = null) => _edge.AdmitAsync(revision, MeteredEdge.Acme(), ask ?? TenTokens);
}
