using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>A limit that is too small to be divided: the grain is asked for each request, and an edge gives back what it does not use.</summary>
public sealed class ColdLimitTests : IAsyncDisposable
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ColdLimit _limit;
    private readonly ScriptedBudget _budget = new(20);
    private readonly List<MeteredEdge> _edges = [];

    public ColdLimitTests()
    {
        _limit = new ColdLimit(_time, new Rate(Minute, 3, 3), null);
        Start(8);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in _edges)
        {
            await edge.DisposeAsync();
        }
    }

    [Fact]
    public async Task Three_a_minute_over_eight_edges_are_exactly_three_wherever_they_come()
    {
        var revision = Limited(_limit.Limit);
        for (var minute = 0; minute < 3; minute++)
        {
            var decided = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => AskAsync(_edges[i % 8], revision)));

            Assert.Equal(3, decided.Count(each => each.Reservation is not null));
            Assert.All(decided.Where(each => each.Refusal is not null), each => Assert.Equal(
                (RefusalReason.RateLimited, TimeSpan.FromSeconds(20)), (each.Refusal!.Reason, Round(each.Refusal.RetryAfter!.Value))));
            _time.Advance(Minute);
        }
    }

    [Fact]
    public async Task The_last_that_is_left_is_had_by_any_edge()
    {
        var revision = Limited(_limit.Limit);
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull((await AskAsync(_edges[i * 3], revision)).Reservation);
        }

        Assert.StartsWith("Limit 'rate' of tenant/acme: 3 requests a minute are used up.", (await AskAsync(_edges[1], revision)).Refusal!.Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.NotNull((await AskAsync(_edges[7], revision)).Reservation);
        Assert.NotNull((await AskAsync(_edges[2], revision)).Refusal);
    }

    [Fact]
    public async Task A_flood_of_refused_requests_asks_the_grain_once_in_a_quarter_of_a_second()
    {
        var revision = Limited(_limit.Limit);
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(_edges[0], revision);
        }

        var before = _limit.Takes;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync(_edges[0], revision)));
        Assert.Equal(1, _limit.Takes - before);
        _time.Advance(TimeSpan.FromMilliseconds(251));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AskAsync(_edges[0], revision)));

        Assert.Equal(2, _limit.Takes - before);
    }

    [Fact]
    public async Task What_another_level_refused_is_had_by_the_next_request_here_and_soon_by_other_edges()
    {
        var both = MeteredEdge.Revision([_limit.Limit], [MeteredEdge.Budget(BudgetUnit.Tokens, 20)]);
        var limited = Limited(_limit.Limit, number: 2);
        Assert.NotNull((await AskAsync(_edges[0], both, new Ask("gpt", 20, 0, null))).Reservation);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(RefusalReason.BudgetSpent, (await AskAsync(_edges[0], both)).Refusal!.Reason);
        }

        // One of the two that are left is kept here, as it was had for the refused ones.
        Assert.NotNull((await AskAsync(_edges[0], limited)).Reservation);
        Assert.Equal(RefusalReason.BudgetSpent, (await AskAsync(_edges[0], both)).Refusal!.Reason);
        await _edges[0].StartAsync();
        await _edges[0].MoveUntilAsync(() => _limit.GivenBack > 0);
        Assert.NotNull((await AskAsync(_edges[1], limited)).Reservation);
    }

    [Fact]
    public async Task Tokens_that_were_not_used_come_back_and_those_used_beyond_are_a_debt()
    {
        _limit.Declare(null, new Rate(Minute, 30, 30));
        var revision = Limited(_limit.Limit);
        var first = (await AskAsync(_edges[0], revision, new Ask("gpt", 30, 0, null))).Reservation!;
        Assert.StartsWith("Limit 'rate' of tenant/acme: 30 tokens a minute are used up, the request may need 10.", (await AskAsync(_edges[0], revision)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Null((await AskAsync(_edges[0], revision, new Ask("gpt", 31, 0, null))).Refusal!.RetryAfter);

        first.Settle(MeteredEdge.Used(5, 5));

        var second = (await AskAsync(_edges[0], revision)).Reservation!;
        second.Settle(MeteredEdge.Used(4, 30));
        Assert.NotNull((await AskAsync(_edges[0], revision)).Refusal);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull((await AskAsync(_edges[0], revision)).Refusal);
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.NotNull((await AskAsync(_edges[0], revision)).Reservation);
    }

    [Fact]
    public async Task Headers_tell_what_the_grain_told()
    {
        var reservation = (await AskAsync(_edges[0], Limited(_limit.Limit))).Reservation!;

        Assert.Equal(new RateHeaders(3, 2, TimeSpan.FromSeconds(20), null, null, null), reservation.Headers);
    }

    [Fact]
    public async Task Without_silos_a_closed_limit_lets_nothing_pass_and_an_open_one_does()
    {
        var edge = _edges[0];
        await AskAsync(edge, Limited(_limit.Limit));
        _limit.IsUnreachable = true;

        Assert.Equal(RefusalReason.Unreachable, (await edge.RefuseAsync(Limited(_limit.Limit), MeteredEdge.Acme(), TenTokens)).Reason);
        var open = edge.Meter.AdmitAsync(Limited(_limit.Limit with { WhenUnreachable = WhenUnreachable.Open }), MeteredEdge.Acme(), TenTokens, TestContext.Current.CancellationToken).AsTask();
        await edge.MoveUntilAsync(() => open.IsCompleted);
        Assert.NotNull((await open).Reservation);
    }

    private static TimeSpan Round(TimeSpan wait) => TimeSpan.FromSeconds(Math.Round(wait.TotalSeconds));

    private static EdgeRevision Limited(LimitResource limit, long number = 1) => MeteredEdge.Revision([limit], [], number);

    private void Start(int edges) => _edges.AddRange(Enumerable.Range(0, edges).Select(_ => new MeteredEdge(
        _time, (type, _) => type == typeof(IEdgeRateLimitGrain) ? _limit : _budget)));

    private static Task<Admission> AskAsync(MeteredEdge edge, EdgeRevision revision, Ask? ask = null) => edge.AdmitAsync(revision, MeteredEdge.Acme(), ask ?? TenTokens);
}
