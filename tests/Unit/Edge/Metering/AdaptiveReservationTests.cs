using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;
using Sluice.Tests.Unit.Edge.Metering.Journal;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>What an adaptive budget reserves of a streamed answer, and how it grows.</summary>
public sealed class AdaptiveReservationTests : IAsyncDisposable
{
    private const int Cap = 100_000;
    private static readonly Ask Streamed = new("gpt", 10, Cap, null) { Answers = 1, IsStreamed = true };
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, ScriptedBudget> _budgets = new(StringComparer.Ordinal);
    private readonly MeteredEdge _edge;
    private EdgeRevision _revision = null!;

    public AdaptiveReservationTests() => _edge = new MeteredEdge(_time, (_, key) => _budgets[key.Split('|')[1]]);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task The_whole_cap_is_reserved_until_enough_answers_were_seen_and_then_what_they_mostly_use()
    {
        Declare(("small", 1_000_000, true));
        for (var i = 0; i < AnswerSizes.Enough; i++)
        {
            var known = await AdmitAsync();
            Assert.Equal(Cap, known.HeldOutput);
            Assert.Null(known.BeginSlices());
            known.Settle(MeteredEdge.Used(10, 40));
        }

        var first = await AdmitAsync();
        Assert.InRange(first.HeldOutput, 40, 50);
        Assert.Equal(Cap, first.OutputBound);
        Assert.Equal((10, first.HeldOutput), (first.Reserved.Input, first.Reserved.Output));

        // Of another model nothing is known, and a whole answer cannot be ended.
        Assert.Equal(Cap, (await AdmitAsync(Streamed with { Name = "other" })).HeldOutput);
        Assert.Equal(Cap, (await AdmitAsync(Streamed with { IsStreamed = false })).HeldOutput);
        Assert.Equal(20, (await AdmitAsync(Streamed with { OutputTokens = 20 })).HeldOutput);
        Assert.InRange((await AdmitAsync(Streamed with { Answers = 3, OutputTokens = 3 * Cap })).HeldOutput, 120, 150);
    }

    [Fact]
    public async Task A_budget_that_covers_one_worst_case_serves_many_streams_at_one_time()
    {
        Declare(("small", 150_000, true));
        await LearnAsync(40);

        var held = new List<Reservation>();
        for (var i = 0; i < 200; i++)
        {
            held.Add(await AdmitAsync());
        }

        held.ForEach(each => each.Settle(MeteredEdge.Used(10, 40)));
    }

    [Fact]
    public async Task A_level_that_is_not_adaptive_holds_the_worst_and_one_that_is_grows_alone()
    {
        Declare(("wide", 150_000, false), ("small", 6_000, true));
        await LearnAsync(40);
        var stream = await AdmitAsync();
        Assert.Equal(RefusalReason.BudgetSpent, (await _edge.AdmitAsync(_revision, MeteredEdge.Acme(), Streamed with { OutputTokens = 60_000, Answers = 0 })).Refusal!.Reason);

        var slices = stream.BeginSlices()!;
        Assert.True(await CoverAsync(slices, 300));
        await slices.EndAsync();

        Assert.InRange(stream.HeldOutput, 316, 900);
        stream.Settle(MeteredEdge.Used(10, 300));
        Assert.NotNull((await _edge.AdmitAsync(_revision, MeteredEdge.Acme(), Streamed)).Reservation);
    }

    [Fact]
    public async Task Slices_are_taken_ahead_of_need_and_where_none_is_left_the_stream_is_to_end()
    {
        Declare(("small", 8_000, true));
        await LearnAsync(40);
        var stream = await AdmitAsync();
        var slices = stream.BeginSlices()!;
        var seen = 0L;
        for (var covered = true; covered; seen += covered ? 10 : 0)
        {
            Assert.True(seen <= stream.HeldOutput);
            covered = await CoverAsync(slices, seen);
        }

        Assert.True(slices.IsSpent);
        await slices.EndAsync();

        // All but the last slices of no use.
        Assert.InRange(stream.HeldOutput, 8_000 - 5_100 - (2 * AnswerSlices.Least), 8_000 - 10);
        var billed = slices.Billable(seen);
        Assert.InRange(billed, seen + 1, (seen + 16) * 2);
        stream.Settle(MeteredEdge.Used(10, billed, UsageSource.Estimated) with { IsCut = true });

        Assert.Equal((1, billed - stream.HeldOutput), (_edge.Meter.Cut, _edge.Meter.Overdraft));
        await _edge.StopAsync();
        Assert.Equal(5_000 + 10 + billed, _budgets["small"].Posted(1));
    }

    [Fact]
    public async Task A_level_without_a_slice_gives_back_those_of_the_others()
    {
        Declare(("wide", 100_000, true), ("small", 6_000, true));
        await LearnAsync(40);
        var stream = await AdmitAsync();

        Assert.False(stream.TryGrow(20_000, out var lacking));

        Assert.Equal("small", stream.Levels.Budgets[lacking.Budget].Budget.Name);
        Assert.True(stream.HeldOutput < 60);
        stream.Settle(MeteredEdge.Used(10, 40));
        await _edge.StopAsync();
        Assert.All(_budgets.Values, budget => Assert.Equal((5_050, 0), (budget.Posted(1), budget.OpenLeases)));
    }

    [Fact]
    public async Task A_slice_after_the_window_has_turned_is_charged_to_the_new_one()
    {
        Declare(("small", 8_000, true));
        _budgets["small"].WindowEndsIn = TimeSpan.FromSeconds(60);
        await LearnAsync(40);
        var stream = await AdmitAsync();
        var held = stream.HeldOutput;
        _time.Advance(TimeSpan.FromSeconds(61));
        _budgets["small"].Window = 2;
        var slices = stream.BeginSlices()!;

        Assert.True(await CoverAsync(slices, held));
        await slices.EndAsync();

        stream.Settle(MeteredEdge.Used(10, held + 30));
        await _edge.StopAsync();
        Assert.Equal((5_000 + 10 + held, 30), (_budgets["small"].Posted(1), _budgets["small"].Posted(2)));
    }

    [Fact]
    public async Task Without_silos_what_is_open_covers_on_and_what_is_closed_ends_the_stream_in_a_second()
    {
        Declare(("small", 5_200, true));
        await LearnAsync(40);
        var stream = await AdmitAsync();
        var slices = stream.BeginSlices()!;
        _budgets["small"].IsUnreachable = true;
        var began = _time.GetTimestamp();

        var covered = slices.CoverAsync(2_000, TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return covered.IsCompleted;
        });

        Assert.False(await covered);
        Assert.InRange(_time.GetElapsedTime(began), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        await slices.EndAsync();
        stream.Settle(MeteredEdge.Used(10, 40));
        _budgets["small"].IsUnreachable = false;
    }

    [Fact]
    public async Task Streams_that_grow_at_one_time_hold_no_more_than_there_is_and_leave_nothing_behind()
    {
        const int Amount = 60_000;
        Declare(("wide", Amount * 2, true), ("small", Amount, true));
        await LearnAsync(40);
        var lengths = Enumerable.Range(0, 64).Select(i => i % 4 == 0 ? 3_000L : 200).ToArray();
        var charged = 0L;

        // The grains assert I1 at every loan, the escrows I2 at every settlement.
        await Task.WhenAll(lengths.Select(length => Task.Run(async () =>
        {
            var admission = await _edge.AdmitAsync(_revision, MeteredEdge.Acme(), Streamed with { Answers = 0 });
            if (admission.Reservation is not { } stream)
            {
                return;
            }

            var slices = stream.BeginSlices()!;
            var seen = 0L;
            while (seen < length && await CoverAsync(slices, seen))
            {
                seen += 50;
            }

            await slices.EndAsync();
            Assert.True(seen <= stream.HeldOutput + 50);
            var used = Math.Min(seen, stream.HeldOutput);
            stream.Settle(MeteredEdge.Used(10, used));
            Interlocked.Add(ref charged, 10 + used);
        })));

        await _edge.StopAsync();
        Assert.InRange(charged, 10_000, Amount - 5_000);
        Assert.All(_budgets.Values, budget => Assert.Equal((5_000 + charged, 0), (budget.Posted(1), budget.OpenLeases)));
    }

    [Fact]
    public async Task The_journal_of_a_killed_edge_covers_all_slices_of_a_stream_that_was_under_way()
    {
        Declare(("wide", 1_000_000, false), ("small", 20_000, true));
        using var files = new JournalFiles();
        var journal = files.Start("edge-1");
        await using var edge = new MeteredEdge(_time, (_, key) => _budgets[key.Split('|')[1]], journal);
        await LearnAsync(40, edge);
        var stream = (await edge.AdmitAsync(_revision, MeteredEdge.Acme(), Streamed)).Reservation!;
        var slices = stream.BeginSlices()!;
        Assert.True(await CoverAsync(slices, 3_000));
        await slices.EndAsync();
        files.Kill();

        var unsettled = Assert.Single(files.Replay().Unsettled);

        Assert.Equal((UsageSource.Reserved, 10, stream.HeldOutput), (unsettled.Source, unsettled.Tokens.Input, unsettled.Tokens.Output));
        Assert.Equal([("small", 10 + stream.HeldOutput), ("wide", 10L + Cap)], unsettled.Charges.Select(charge => (charge.Budget, charge.Amount)).Order());
        stream.Settle(MeteredEdge.Used(10, 40));
    }

    [Fact]
    public async Task Streams_of_two_edges_that_grow_on_one_budget_use_nearly_all_of_it_and_no_more()
    {
        const int Amount = 20_000;
        Declare(("small", Amount, true));
        await using var other = new MeteredEdge(_time, (_, key) => _budgets[key.Split('|')[1]]);
        await LearnAsync(40);
        await LearnAsync(40, other);
        var held = 2 * 5_000L;
        foreach (var edge in new[] { _edge, other })
        {
            var stream = (await edge.AdmitAsync(_revision, MeteredEdge.Acme(), Streamed)).Reservation!;
            var slices = stream.BeginSlices()!;
            var most = edge == _edge ? 2_000 : Cap;
            for (var seen = 0L; seen < most && await CoverAsync(slices, seen); seen += 10)
            {
                Assert.True(seen <= stream.HeldOutput);
            }

            await slices.EndAsync();
            Assert.Equal(edge == other, slices.IsSpent);
            held += 10 + stream.HeldOutput;
            stream.Settle(MeteredEdge.Used(10, stream.HeldOutput));
            await edge.StopAsync();
        }

        Assert.Equal((held, 0), (_budgets["small"].Posted(1), _budgets["small"].OpenLeases));
        Assert.InRange(held, Amount - (2 * AnswerSlices.Least), Amount);
    }

    private void Declare(params (string Name, long Amount, bool IsAdaptive)[] budgets)
    {
        foreach (var (name, amount, _) in budgets)
        {
            _budgets[name] = new ScriptedBudget(amount);
        }

        _revision = MeteredEdge.Revision([], budgets.Select(each => MeteredEdge.Budget(BudgetUnit.Tokens, each.Amount, name: each.Name) with
        {
            Reservation = each.IsAdaptive ? ReservationPolicy.Adaptive : ReservationPolicy.WorstCase,
        }));
    }

    // A hundred answers of so many tokens, with as many of input less, 50 each.
    private async Task LearnAsync(long output, MeteredEdge? edge = null)
    {
        for (var i = 0; i < AnswerSizes.Enough; i++)
        {
            var known = (await (edge ?? _edge).AdmitAsync(_revision, MeteredEdge.Acme(), Streamed with { OutputTokens = output })).Reservation!;
            known.Settle(MeteredEdge.Used(10, output));
        }
    }

    private async Task<bool> CoverAsync(AnswerSlices slices, long seen)
    {
        var covered = slices.CoverAsync(seen, TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => covered.IsCompleted);
        return await covered;
    }

    private async Task<Reservation> AdmitAsync(Ask? ask = null) => (await _edge.AdmitAsync(_revision, MeteredEdge.Acme(), ask ?? Streamed)).Reservation!;
}
