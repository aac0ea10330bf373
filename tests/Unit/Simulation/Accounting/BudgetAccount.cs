using Sluice.Grains.Budgets;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>One budget of one subject: what is stored of it, what is declared, who serves it.</summary>
internal sealed class BudgetAccount(AccountingWorld world, string name, long limit)
{
    public string Name => name;

    /// <summary>As declared by the last revision.</summary>
    public long Limit { get; private set; } = limit;

    /// <summary>The greatest that was ever declared.</summary>
    public long GreatestLimit { get; private set; } = limit;

    /// <summary>What requests used above their reservations, so far.</summary>
    public long Excess { get; set; }

    /// <summary>What operators asked to be added, whether it was or not.</summary>
    public long Added { get; set; }

    public SimulatedStorage<BudgetLedger> Storage { get; } = new(world.Simulator, new BudgetLedger()) { Wrote = row => world.History.Stored(world.Account(name), row) };

    public List<SimulatedBudget> Activations { get; } = [];

    public SimulatedBudget Any() => world.Simulator.Random.Pick(Activations);

    public void Declare(long next) => (Limit, GreatestLimit) = (next, Math.Max(GreatestLimit, next));
}
