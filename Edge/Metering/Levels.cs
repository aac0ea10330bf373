using System.Collections.Concurrent;
using Sluice.Edge.Configuration;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>All that binds one caller under one revision, with its meters at hand, so that an admission looks nothing up.</summary>
internal sealed class Levels
{
    // The revision itself is not held: an idle caller would keep it in memory for as long as its key is known.
    private readonly object _mark;
    private readonly bool _isRestricted;
    private ConcurrentDictionary<string, Levels>? _named;
    private Levels? _ofParts;

    private Levels(object mark, long revision, RateLevel[] limits, BudgetLevel[] budgets)
    {
        (_mark, Revision, Limits, Budgets) = (mark, revision, limits, budgets);
        _isRestricted = !limits.All(l => l.Limit.For.CountsAll) || !budgets.All(b => b.Budget.For.CountsAll);
        EndsAnswers = budgets.Any(b => b.Budget is { Mode: BudgetMode.Hard, Unit: not BudgetUnit.Requests });
        BindsTokens = EndsAnswers || limits.Any(l => l.Limit.Tokens is not null);
        HasAdaptive = budgets.Any(b => b.IsAdaptive);
    }

    public Levels(EdgeRevision revision, RateLevel[] limits, BudgetLevel[] budgets)
        : this(revision.Mark, revision.Head.Revision, limits, budgets)
    {
    }

    /// <summary>The number of the revision that it was worked out for.</summary>
    public long Revision { get; }

    /// <summary>The levels that count requests for a model, or with <c>route/</c> for a route.</summary>
    public Levels Of(string name) => _isRestricted ? (_named ??= new(StringComparer.Ordinal)).GetOrAdd(name, Restrict, this) : this;

    /// <summary>The levels that what is asked for must pass.</summary>
    public Levels For(in Ask ask) => ask.IsPart ? Of(ask.Name).OfParts : Of(ask.Name);

    // Those that count tokens or money: all that a part of a request takes.
    private Levels OfParts => _ofParts ??= new(_mark, Revision, [.. Limits.Where(l => l.Limit.Tokens is not null)], [.. Budgets.Where(b => b.Budget.Unit is not BudgetUnit.Requests)]);

    /// <summary>Whether it was worked out for this revision.</summary>
    public bool IsFor(EdgeRevision other) => ReferenceEquals(_mark, other.Mark);

    public RateLevel[] Limits { get; }

    public BudgetLevel[] Budgets { get; }

    /// <summary>Whether an answer's tokens must be bounded before it is asked for.</summary>
    public bool BindsTokens { get; }

    /// <summary>Whether an answer ends where it has used what was reserved: a hard budget of tokens or money binds.</summary>
    public bool EndsAnswers { get; }

    /// <summary>Whether a streamed answer may begin with less than its cap reserved.</summary>
    public bool HasAdaptive { get; }

    /// <summary>Whether a meter was let go of since: these levels must be worked out anew.</summary>
    public bool IsOutdated => Limits.Any(level => level.Meter.IsRetired) || Budgets.Any(level => level.Meter.IsRetired);

    private static Levels Restrict(string name, Levels all) =>
        new(all._mark, all.Revision, [.. all.Limits.Where(l => l.Limit.For.Counts(name))], [.. all.Budgets.Where(b => b.Budget.For.Counts(name))]);
}

/// <summary>A limit that binds.</summary>
internal readonly record struct RateLevel(RateMeter Meter, LimitResource Limit);

/// <summary>A budget that binds.</summary>
internal readonly record struct BudgetLevel(BudgetMeter Meter, BudgetResource Budget)
{
    /// <summary>Whether it reserves of a streamed answer what such answers mostly use.</summary>
    public bool IsAdaptive => Budget is { Reservation: ReservationPolicy.Adaptive, Mode: BudgetMode.Hard, Unit: not BudgetUnit.Requests };
}
