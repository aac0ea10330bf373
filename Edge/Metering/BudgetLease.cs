using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>One lease of a budget: what names it at the grain, and the escrow that it holds. A request is charged to the lease of its admission.</summary>
/// <param name="holder">The name under which the grain knows the holder; with the window it names the lease.</param>
internal sealed class BudgetLease(string holder)
{
    /// <summary>Stands for a window that the grain has not told yet.</summary>
    public const long UnknownWindow = 0;

    private long _endsAt = long.MinValue;

    public Escrow Escrow { get; } = new();

    public string Holder => holder;

    /// <summary>The window's start in UTC ticks, or <see cref="UnknownWindow"/>. Written under the meter's lock.</summary>
    public long Window { get; set; }

    /// <summary>Whether nothing is asked for under the holder's name any more, and this is its lease of the latest window: closed after all others. Written under the meter's lock.</summary>
    public bool IsLast { get; set; }

    /// <summary>The last report that was answered; null: none. Used by one report at a time.</summary>
    public LeaseReport? Reported { get; set; }

    /// <summary>A timestamp: from then on the grain must confirm that the window has not ended.</summary>
    public long EndsAt
    {
        get => Volatile.Read(ref _endsAt);
        set => Volatile.Write(ref _endsAt, value);
    }

    /// <summary>Whether something was spent or given back since the last report that was answered.</summary>
    public bool IsToBeReported => Window != UnknownWindow && (Escrow.Spent != (Reported?.Spent ?? 0) || Escrow.Returned != (Reported?.Returned ?? 0));

    /// <summary>The cumulative report; null while the grain does not know this lease.</summary>
    public LeaseReport? Report(bool close) => Window == UnknownWindow ? null : new LeaseReport(holder, Window, Escrow.Spent, close, Escrow.Returned, close && IsLast);
}
