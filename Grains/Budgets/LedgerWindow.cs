using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Grains.Budgets;

/// <summary>One window of a budget.</summary>
/// <param name="Start">UTC ticks.</param>
/// <param name="Posted">Spent in leases that were closed.</param>
/// <param name="Overdraft">What closed leases had spent above what they had.</param>
/// <param name="Warned">The greatest share that was told as spent, in percent.</param>
/// <param name="Ended">Of each edge, the greatest serial of a lease that was closed.</param>
/// <param name="Resolved">Leases that were closed without their owners.</param>
/// <param name="TopUps">What was added to the amount.</param>
internal sealed record LedgerWindow(
    long Start,
    long Posted,
    long Overdraft,
    ImmutableArray<LedgerLease> Leases,
    bool ToldExhausted,
    int Warned,
    ImmutableArray<LeaseName> Ended,
    ImmutableArray<ResolvedLease> Resolved,
    ImmutableArray<LedgerTopUp> TopUps)
{
    // Windows that were stored before there were such have none.
    public ImmutableArray<LeaseName> Ended { get; init; } = Ended.IsDefault ? [] : Ended;

    public ImmutableArray<ResolvedLease> Resolved { get; init; } = Resolved.IsDefault ? [] : Resolved;

    public ImmutableArray<LedgerTopUp> TopUps { get; init; } = TopUps.IsDefault ? [] : TopUps;

    /// <summary>What is spent or may still be: what is out in an open lease counts whole, and what it overspent besides.</summary>
    public long Committed
    {
        get
        {
            var sum = Posted;
            foreach (var lease in Leases)
            {
                sum += Math.Max(lease.Out, lease.Spent);
            }

            return sum;
        }
    }

    /// <summary>What is known to be spent.</summary>
    public long Spent
    {
        get
        {
            var sum = Posted;
            foreach (var lease in Leases)
            {
                sum += lease.Spent;
            }

            return sum;
        }
    }

    /// <summary>What was added to the amount.</summary>
    public long Added => TopUps.IsEmpty ? 0 : TopUps.Sum(t => t.Amount);

    /// <summary>A window in which nothing happened.</summary>
    public static LedgerWindow Empty(long start) => new(start, 0, 0, [], ToldExhausted: false, 0, [], [], []);

    /// <summary>The open lease of a holder, or null.</summary>
    public LedgerLease? Find(string edge) => IndexOf(edge) is >= 0 and var index ? Leases[index] : null;

    /// <summary>Whether a lease of this name, or a later one of the same edge, was closed.</summary>
    public bool HasEnded(LeaseName name)
    {
        foreach (var ended in Ended)
        {
            if (ended.Serial >= name.Serial && ended.IsOfSameEdge(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>With a lease as it is now.</summary>
    public LedgerWindow Put(LedgerLease lease) =>
        this with { Leases = IndexOf(lease.Edge) is >= 0 and var index ? Leases.SetItem(index, lease) : Leases.Add(lease) };

    /// <summary>Closes a lease: what it spent is posted, the rest is free.</summary>
    public LedgerWindow End(LedgerLease lease)
    {
        return EndName(lease.Edge) with
        {
            Leases = IndexOf(lease.Edge) is >= 0 and var index ? Leases.RemoveAt(index) : Leases,
            Posted = Posted + lease.Spent,
            Overdraft = Overdraft + Math.Max(0, lease.Spent - lease.Out),
        };
    }

    /// <summary>Nothing is lent under a name any more.</summary>
    public LedgerWindow EndName(string edge)
    {
        var name = LeaseName.Parse(edge);
        return HasEnded(name) ? this : this with { Ended = [.. Ended.Where(e => !e.IsOfSameEdge(name)), name] };
    }

    /// <summary>The owner of a lease that was resolved tells what it spent: a last report ends the matter, another one can only raise the figure.</summary>
    public LedgerWindow Correct(ResolvedLease resolved, LeaseReport report)
    {
        var spent = report.Close ? report.Spent : Math.Max(resolved.Spent, report.Spent);
        return this with
        {
            Posted = Posted + spent - resolved.Spent,
            Resolved = report.Close ? Resolved.Remove(resolved) : Resolved.Replace(resolved, resolved with { Spent = spent }),
        };
    }

    private int IndexOf(string edge)
    {
        for (var i = 0; i < Leases.Length; i++)
        {
            if (Leases[i].IsOf(edge))
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>What one edge holds.</summary>
/// <param name="Edge">The holder's name.</param>
/// <param name="Amount">Lent in all.</param>
/// <param name="Spent">The greatest that it reported.</param>
/// <param name="LastOperation">The last borrow that was answered.</param>
/// <param name="Returned">Given back in all, the greatest that it reported.</param>
internal sealed record LedgerLease(string Edge, long Amount, long Spent, long LastOperation, long Returned)
{
    /// <summary>What the holder may spend, in all.</summary>
    public long Out => Amount - Returned;

    public bool IsOf(string edge) => string.Equals(Edge, edge, StringComparison.Ordinal);

    /// <summary>With what a report tells.</summary>
    public LedgerLease Told(LeaseReport report) =>
        this with { Spent = Math.Max(Spent, report.Spent), Returned = Math.Min(Amount, Math.Max(Returned, report.Returned)) };
}

/// <summary>A lease that was closed without its owner.</summary>
/// <param name="Edge">The holder's name.</param>
/// <param name="Amount">What it had, in all.</param>
/// <param name="Reported">What it had reported as spent.</param>
/// <param name="Spent">What was posted: an estimate, until the owner's own last report replaces it.</param>
/// <param name="By">Who answers for the figure.</param>
internal sealed record ResolvedLease(string Edge, long Amount, long Reported, long Spent, string By, DateTimeOffset At)
{
    public bool IsOf(string edge) => string.Equals(Edge, edge, StringComparison.Ordinal);
}

/// <summary>Something added to a window's amount.</summary>
/// <param name="Id">Given by whoever adds: a repeated one changes nothing.</param>
internal sealed record LedgerTopUp(string Id, long Amount, string By, DateTimeOffset At, string Note);

/// <summary>A holder's name: the edge's id of one start, and the serial of its lease: 0, and then one more for each lease that it closed.</summary>
internal sealed record LeaseName(string Edge, long Serial)
{
    public static LeaseName Parse(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && long.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var serial)
            ? new LeaseName(name[..dot], serial)
            : new LeaseName(name, 0);
    }

    public bool IsOfSameEdge(LeaseName other) => string.Equals(Edge, other.Edge, StringComparison.Ordinal);
}
