using Orleans.Storage;
using Sluice.Grains.Interfaces.Budgets;
using static Sluice.Tests.Cluster.Budgets.DeclaredBudget;

namespace Sluice.Tests.Cluster.Budgets;

/// <summary>What a budget knows after a crash, and when two activations believe that it is theirs.</summary>
public sealed class BudgetCrashTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_loan_that_was_answered_is_known_after_the_silo_was_killed()
    {
        var declared = await PublishAsync(_cluster);
        var loan = await declared.On(_cluster).BorrowAsync(Borrow("a", 1, need: 70));

        await _cluster.RestartAsync(kill: true);

        var budget = declared.On(_cluster);
        Assert.Equal(new EscrowLease("a", loan.Window, 70, 0), Assert.Single((await budget.GetStatusAsync())!.Leases));
        Assert.Equal(70, (await budget.BorrowAsync(Borrow("a", 1, need: 70))).Amount);
        Assert.Equal(0, (await budget.BorrowAsync(Borrow("b", 1, need: 31))).Amount);
        Assert.Equal(30, (await budget.BorrowAsync(Borrow("b", 2, need: 30))).Amount);
    }

    [Fact]
    public async Task Of_two_activations_that_lend_the_same_money_exactly_one_stores_its_loan()
    {
        var declared = await PublishAsync(_cluster);
        await using var other = await _cluster.StartTornOffAsync();
        Assert.Equal(10, (await declared.On(_cluster).BorrowAsync(Borrow("a", 1, need: 10))).Amount);
        Assert.Equal(10, (await declared.On(other).BorrowAsync(Borrow("b", 1, need: 10))).Amount);

        // From here each side knows a ledger that it believes to be the last.
        var lent = await Task.WhenAll(TryAsync(_cluster, "a", 2), TryAsync(other, "b", 2));
        Assert.Equal(1, lent.Count(amount => amount == 80));

        await _cluster.RestartAsync(kill: true);
        var leases = (await declared.On(_cluster).GetStatusAsync())!.Leases;
        Assert.Equal(90, leases.Sum(l => l.Amount));

        // The loser is activated anew from what is stored, and refuses.
        async Task<long> TryAsync(ClusterFixture cluster, string edge, long operation)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return (await declared.On(cluster).BorrowAsync(Borrow(edge, operation, need: 70))).Amount;
                }
                catch (InconsistentStateException) when (attempt < 20)
                {
                    // The activation that failed answers until it has ended, and always so.
                }
            }
        }
    }
}
