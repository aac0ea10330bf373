using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Budgets;

/// <summary>
/// What one subject may spend in a window; key: <c>workspace|budget|subject</c> (the budget resource's name, and for example <c>tenant/acme</c>).
/// It promises: posted + the amounts of open leases ≤ the budget (I1), stored before it is answered; a lease closes once, by its owner's last report or
/// by reconciliation, never by time alone. Amounts are in the budget's own unit: tokens, requests, or nano-units of a currency. See docs/accounting.md.
/// </summary>
[Alias("sluice.budget")]
public interface IBudgetGrain : IEdgeBudgetGrain
{
    /// <summary>What is posted, lent and left, lease by lease; null where no such budget is declared.</summary>
    [Alias("status")]
    Task<BudgetStatus?> GetStatusAsync();
}

/// <summary>What an edge may ask of an <see cref="IBudgetGrain"/>.</summary>
[EdgeCallable, Alias("sluice.budget-edge")]
public interface IEdgeBudgetGrain : IGrainWithStringKey
{
    /// <summary>Lends to an edge, in the lease that the edge has for the current window (one is opened where there is none), and takes its report.</summary>
    [Alias("borrow")]
    Task<BorrowAnswer> BorrowAsync(BorrowRequest request);

    /// <summary>Takes an edge's cumulative report; with <see cref="LeaseReport.Close"/> the lease ends and what was not spent is free again.</summary>
    [Alias("report")]
    Task ReportAsync(LeaseReport report);
}

/// <summary>A wish for escrow.</summary>
/// <param name="Edge">The edge's id of this start.</param>
/// <param name="Operation">1, 2, 3 … for each edge and budget: a repeated one gets the answer of the first.</param>
/// <param name="Need">What must be granted for a request that waits; 0 for a top-up ahead of need.</param>
/// <param name="Want">What would be welcome: one to two seconds of this edge's spend.</param>
/// <param name="Revision">The revision that the edge runs; the grain reads its limit anew when it knows only an older one.</param>
/// <param name="Report">What the edge spent in its lease so far, or null where it has none.</param>
[GenerateSerializer, Immutable, Alias("sluice.borrow-request")]
public sealed record BorrowRequest(
    [property: Id(0)] string Edge,
    [property: Id(1)] long Operation,
    [property: Id(2)] long Need,
    [property: Id(3)] long Want,
    [property: Id(4)] long Revision,
    [property: Id(5)] LeaseReport? Report);

/// <summary>What an edge has spent in a lease, in all: repeated, doubled or reordered reports do no harm, the greatest counts.</summary>
/// <param name="Window">The window's start in UTC ticks, which names the lease together with the edge.</param>
/// <param name="Spent">In all, never a difference.</param>
/// <param name="Close">True: the edge will not spend from this lease again.</param>
[GenerateSerializer, Immutable, Alias("sluice.lease-report")]
public sealed record LeaseReport(
    [property: Id(0)] string Edge, [property: Id(1)] long Window, [property: Id(2)] long Spent, [property: Id(3)] bool Close);

/// <summary>The lease after a borrow.</summary>
/// <param name="Window">The current window's start in UTC ticks.</param>
/// <param name="Amount">All that was lent in this lease, in all; the edge may spend this and no more. Less than was needed: the budget refuses.</param>
/// <param name="Left">What the budget has left to lend to anyone.</param>
/// <param name="Limit">The budget.</param>
/// <param name="WindowEndsIn">From now to the window's end; null for a lifetime budget.</param>
/// <param name="Declared">False: no such budget is declared any more, nothing binds.</param>
[GenerateSerializer, Immutable, Alias("sluice.borrow-answer")]
public sealed record BorrowAnswer(
    [property: Id(0)] long Window,
    [property: Id(1)] long Amount,
    [property: Id(2)] long Left,
    [property: Id(3)] long Limit,
    [property: Id(4)] TimeSpan? WindowEndsIn,
    [property: Id(5)] bool Declared);

/// <summary>A budget at a moment.</summary>
[GenerateSerializer, Immutable, Alias("sluice.budget-status")]
public sealed record BudgetStatus(
    [property: Id(0)] string Budget,
    [property: Id(1)] string Subject,
    [property: Id(2)] string Unit,
    [property: Id(3)] long Limit,
    [property: Id(4)] long Posted,
    [property: Id(5)] long Overdraft,
    [property: Id(6)] ImmutableArray<EscrowLease> Leases,
    [property: Id(7)] DateTimeOffset WindowStart,
    [property: Id(8)] DateTimeOffset? WindowEnd);

/// <summary>What one edge holds of a budget.</summary>
[GenerateSerializer, Immutable, Alias("sluice.escrow-lease")]
public sealed record EscrowLease([property: Id(0)] string Edge, [property: Id(1)] long Window, [property: Id(2)] long Amount, [property: Id(3)] long Spent);
