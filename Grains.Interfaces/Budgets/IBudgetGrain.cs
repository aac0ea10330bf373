using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Budgets;

/// <summary>
/// What one subject may spend in a window; key: <c>workspace|budget|subject</c> (the budget resource's name, and for example <c>tenant/acme</c>).
/// It promises: posted + what is out in open leases ≤ the budget (I1), stored before it is answered; a lease closes once, by its owner's last report or
/// by reconciliation, never by time alone. Amounts are in the budget's own unit: tokens, requests, or nano-units of a currency. See docs/accounting.md.
/// </summary>
[Alias("sluice.budget")]
public interface IBudgetGrain : IEdgeBudgetGrain
{
    /// <summary>What is posted, lent and left, lease by lease; null where no such budget is declared.</summary>
    [Alias("status")]
    Task<BudgetStatus?> GetStatusAsync();

    /// <summary>Adds to the current window's amount; a repeated id changes nothing. Null where no such budget is declared.</summary>
    [Alias("top-up")]
    Task<BudgetStatus?> AddAsync(string id, long amount, string note, Author author);

    /// <summary>Closes the lease of an edge that is lost, and posts a figure for what it spent. What its owner tells later replaces it.</summary>
    /// <param name="edge">The holder's name.</param>
    /// <param name="window">The window's start in UTC ticks.</param>
    /// <param name="spent">What it spent in all; null: all that it had, which is the most that it can have spent of what was reserved.</param>
    /// <param name="author">Who answers for it.</param>
    /// <returns>What was posted; null where there is no such lease.</returns>
    [Alias("resolve")]
    Task<LeaseResolution?> ResolveAsync(string edge, long window, long? spent, Author author);
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
    Task<ReportAnswer> ReportAsync(LeaseReport report);

    /// <summary>
    /// Held open by an edge that was told to listen: ends with the number of the last recall once that is another than <paramref name="answered"/>, and with
    /// <paramref name="answered"/> after ten seconds. An edge answers a recall by giving back what it holds unused, and then listening with its number.
    /// </summary>
    /// <param name="edge">The edge's id of this start.</param>
    /// <param name="answered">The last recall that was answered; 0: none.</param>
    [Alias("recalled"), AlwaysInterleave]
    Task<long> RecalledAsync(string edge, long answered);
}

/// <summary>A wish for escrow.</summary>
/// <param name="Edge">The holder's name: the edge's id of this start, and a number where it had closed a lease before.</param>
/// <param name="Operation">1, 2, 3 … for each holder and budget: a repeated one gets the answer of the first.</param>
/// <param name="Need">What must be granted for a request that waits; 0 for a top-up ahead of need.</param>
/// <param name="Want">What would be welcome: one to two seconds of this edge's spend.</param>
/// <param name="Revision">The revision that the edge runs; the grain reads its limit anew when it knows only an older one.</param>
/// <param name="Report">What the edge spent in its lease so far, or null where it has none.</param>
/// <param name="Waiting">What all requests that wait now lack together, <paramref name="Need"/> among it: near the end of a budget this is lent, and nothing ahead of need.</param>
/// <param name="Recall">The recall that was waited for, as <see cref="BorrowAnswer.Recall"/> told it; 0: none.</param>
[GenerateSerializer, Immutable, Alias("sluice.borrow-request")]
public sealed record BorrowRequest(
    [property: Id(0)] string Edge,
    [property: Id(1)] long Operation,
    [property: Id(2)] long Need,
    [property: Id(3)] long Want,
    [property: Id(4)] long Revision,
    [property: Id(5)] LeaseReport? Report,
    [property: Id(6)] long Waiting = 0,
    [property: Id(7)] long Recall = 0);

/// <summary>What an edge has spent and given back in a lease, in all: repeated, doubled or reordered reports do no harm, the greatest figures count.</summary>
/// <param name="Edge">The holder's name, as in <see cref="BorrowRequest.Edge"/>.</param>
/// <param name="Window">The window's start in UTC ticks, which names the lease together with the holder.</param>
/// <param name="Spent">In all, never a difference.</param>
/// <param name="Close">True: the edge will not spend from this lease again.</param>
/// <param name="Returned">What was lent in this lease and will not be spent, in all.</param>
/// <param name="IsLast">With <paramref name="Close"/>: nothing is asked for under this name any more, and all its other leases were closed: what is still open of it was lent by answers that never arrived.</param>
[GenerateSerializer, Immutable, Alias("sluice.lease-report")]
public sealed record LeaseReport(
    [property: Id(0)] string Edge,
    [property: Id(1)] long Window,
    [property: Id(2)] long Spent,
    [property: Id(3)] bool Close,
    [property: Id(4)] long Returned = 0,
    [property: Id(5)] bool IsLast = false);

/// <summary>What an edge is told of a lease that it reported.</summary>
/// <param name="Listen">The budget may need what the edge holds: it keeps a call of <see cref="IEdgeBudgetGrain.RecalledAsync"/> open.</param>
/// <param name="IsClosed">The lease is closed, whoever closed it: nothing may be spent from it.</param>
[GenerateSerializer, Immutable, Alias("sluice.report-answer")]
public sealed record ReportAnswer([property: Id(0)] bool Listen, [property: Id(1)] bool IsClosed);

/// <summary>The lease after a borrow.</summary>
/// <param name="Window">The current window's start in UTC ticks.</param>
/// <param name="Amount">All that was lent in this lease, in all; the edge may spend this but for what it gave back, and no more. Less than was needed: the budget refuses.</param>
/// <param name="Left">What the budget has left to lend to anyone.</param>
/// <param name="Limit">The budget, with what was added to it.</param>
/// <param name="WindowEndsIn">From now to the window's end; null for a lifetime budget.</param>
/// <param name="Declared">False: no such budget is declared any more, nothing binds.</param>
/// <param name="IsDirect">The end is near: the edge borrows for requests that wait and for nothing else, and gives back at once what they did not use.</param>
/// <param name="Listen">As <see cref="ReportAnswer.Listen"/>.</param>
/// <param name="IsClosed">The holder's lease is closed: it asks again under another name.</param>
/// <param name="Recall">Not 0: less was lent than is needed, and other edges have been asked for what they hold unused: it is worth asking again soon, with this number.</param>
/// <param name="ResetsIn">From now until the budget has more to lend by itself; null: never. For a rolling window later than <paramref name="WindowEndsIn"/>.</param>
[GenerateSerializer, Immutable, Alias("sluice.borrow-answer")]
public sealed record BorrowAnswer(
    [property: Id(0)] long Window,
    [property: Id(1)] long Amount,
    [property: Id(2)] long Left,
    [property: Id(3)] long Limit,
    [property: Id(4)] TimeSpan? WindowEndsIn,
    [property: Id(5)] bool Declared,
    [property: Id(6)] bool IsDirect = false,
    [property: Id(7)] bool Listen = false,
    [property: Id(8)] bool IsClosed = false,
    [property: Id(9)] long Recall = 0,
    [property: Id(10)] TimeSpan? ResetsIn = null);
