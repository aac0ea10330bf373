using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Budgets;

/// <summary>A budget at a moment, in its own unit.</summary>
/// <param name="Limit">As declared, with what was added to it.</param>
/// <param name="Posted">Spent in leases that are closed, over all windows that count.</param>
/// <param name="Overdraft">What was used above its reservation, for usage is a fact.</param>
/// <param name="Leases">What edges hold, also of windows that are over.</param>
/// <param name="WindowEnd">Null: never.</param>
/// <param name="Left">What can still be lent.</param>
/// <param name="TopUps">What was added to the windows that count.</param>
/// <param name="Resolved">Leases that were closed without their owners, and may yet be corrected by them.</param>
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
    [property: Id(8)] DateTimeOffset? WindowEnd,
    [property: Id(9)] long Left,
    [property: Id(10)] ImmutableArray<BudgetTopUp> TopUps,
    [property: Id(11)] ImmutableArray<LeaseResolution> Resolved);

/// <summary>What one edge holds of a budget.</summary>
/// <param name="Edge">The holder's name: the edge's id of one start, and a number where it had closed a lease before.</param>
/// <param name="Window">The window's start in UTC ticks.</param>
/// <param name="Amount">What it may spend in all.</param>
/// <param name="Spent">What it reported as spent.</param>
/// <param name="InDoubt">The edge is not known to the fleet any more: what it spent beyond its last report is not known. Told where the fleet was asked.</param>
[GenerateSerializer, Immutable, Alias("sluice.escrow-lease")]
public sealed record EscrowLease(
    [property: Id(0)] string Edge, [property: Id(1)] long Window, [property: Id(2)] long Amount, [property: Id(3)] long Spent, [property: Id(4)] bool InDoubt = false);

/// <summary>Something added to the amount of one window.</summary>
/// <param name="Id">Given by whoever adds; a repeated one changes nothing.</param>
/// <param name="Amount">More than 0, in the budget's unit.</param>
[GenerateSerializer, Immutable, Alias("sluice.budget-top-up")]
public sealed record BudgetTopUp(
    [property: Id(0)] string Id, [property: Id(1)] long Amount, [property: Id(2)] string By, [property: Id(3)] DateTimeOffset At, [property: Id(4)] string Note);

/// <summary>A lease whose owner is lost, closed by somebody who answers for the figure.</summary>
/// <param name="Edge">The holder's name.</param>
/// <param name="Window">The window's start in UTC ticks.</param>
/// <param name="Amount">What it had in all.</param>
/// <param name="Reported">What it had reported as spent.</param>
/// <param name="Spent">What was posted, never less than it had reported.</param>
[GenerateSerializer, Immutable, Alias("sluice.lease-resolution")]
public sealed record LeaseResolution(
    [property: Id(0)] string Edge,
    [property: Id(1)] long Window,
    [property: Id(2)] long Amount,
    [property: Id(3)] long Reported,
    [property: Id(4)] long Spent,
    [property: Id(5)] string By,
    [property: Id(6)] DateTimeOffset At);
