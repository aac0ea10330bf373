using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>The end of a budget that several edges hold: over the real ledger.</summary>
public sealed class MeterRecallTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MeteredEdges _edges;

    public MeterRecallTests() => _edges = new MeteredEdges(_time);

    public ValueTask DisposeAsync() => _edges.DisposeAsync();

    [Fact]
    public async Task What_one_edge_holds_unused_is_recalled_for_another()
    {
        var budget = new LedgerBudget(_time, 1_000);
        var (first, second) = (await EdgeAsync(budget), await EdgeAsync(budget));
        (await AskAsync(first, 600)).Reservation!.Settle(MeteredEdge.Used(50, 50));

        var (reservation, refusal) = await AskAsync(second, 900);

        Assert.Null(refusal);
        reservation!.Settle(MeteredEdge.Used(900, 0));
        var last = (await AskAsync(first, 1)).Refusal;
        Assert.Equal(RefusalReason.BudgetSpent, last!.Reason);
    }

    [Fact]
    public async Task What_is_reserved_for_a_request_under_way_is_not_recalled()
    {
        var budget = new LedgerBudget(_time, 1_000);
        var (first, second) = (await EdgeAsync(budget), await EdgeAsync(budget));
        var held = (await AskAsync(first, 600)).Reservation!;

        Assert.Equal(RefusalReason.BudgetSpent, (await AskAsync(second, 900)).Refusal!.Reason);

        held.Settle(MeteredEdge.Used(600, 0));
        Assert.NotNull((await AskAsync(second, 400)).Reservation);
    }

    [Fact]
    public async Task Near_the_end_what_a_request_did_not_use_goes_back_at_once()
    {
        var budget = new LedgerBudget(_time, 1_000);
        var edge = await EdgeAsync(budget);
        var reservation = (await AskAsync(edge, 990)).Reservation!;

        reservation.Settle(MeteredEdge.Used(100, 0));

        await edge.MoveUntilAsync(() => budget.Out.Sum() == 100);
        Assert.Equal(900, budget.Left);
    }

    [Fact]
    public async Task Eight_edges_strand_less_than_a_hundredth_of_a_budget_and_one_request()
    {
        const long Limit = 20_000;
        const int Worst = 50;
        var budget = new LedgerBudget(_time, Limit);
        var edges = new List<MeteredEdge>();
        for (var i = 0; i < 8; i++)
        {
            edges.Add(await EdgeAsync(budget));
        }

        var spent = 0L;
        for (var isRefused = false; !isRefused;)
        {
            foreach (var edge in edges)
            {
                var (reservation, refusal) = await AskAsync(edge, Worst);
                reservation?.Settle(MeteredEdge.Used(Worst / 2, 0));
                spent += reservation is null ? 0 : Worst / 2;
                isRefused |= refusal is not null;
            }
        }

        Assert.InRange(spent, Limit - (Limit / 100) - Worst, Limit);
    }

    private static async Task<Admission> AskAsync(MeteredEdge edge, long tokens)
    {
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 1)]);
        var admission = edge.Meter.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", tokens, 0, null), TestContext.Current.CancellationToken).AsTask();
        if (!admission.IsCompleted)
        {
            await edge.MoveUntilAsync(() => admission.IsCompleted);
        }

        return await admission;
    }

    private async Task<MeteredEdge> EdgeAsync(LedgerBudget budget)
    {
        var edge = _edges.Edge((_, _) => budget);
        await edge.StartAsync();
        return edge;
    }
}
