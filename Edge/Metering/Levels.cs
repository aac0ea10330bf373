using Sluice.Edge.Configuration;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>All that binds one caller under one revision, with its meters at hand, so that an admission looks nothing up.</summary>
internal sealed class Levels(EdgeRevision revision, RateLevel[] limits, BudgetLevel[] budgets)
{
    /// <summary>The revision that it was worked out for.</summary>
    public EdgeRevision Revision => revision;

    public RateLevel[] Limits => limits;

    public BudgetLevel[] Budgets => budgets;

    /// <summary>Whether an answer's tokens must be bounded before it is asked for.</summary>
    public bool BindsTokens { get; } = limits.Any(level => level.Limit.Tokens is not null)
        || budgets.Any(level => level.Budget.Mode == BudgetMode.Hard && level.Budget.Unit != BudgetUnit.Requests);

    /// <summary>Whether a meter was let go of since: these levels must be worked out anew.</summary>
    public bool IsOutdated => limits.Any(level => level.Meter.IsRetired) || budgets.Any(level => level.Meter.IsRetired);
}

/// <summary>A limit that binds.</summary>
internal readonly record struct RateLevel(RateMeter Meter, LimitResource Limit);

/// <summary>A budget that binds.</summary>
internal readonly record struct BudgetLevel(BudgetMeter Meter, BudgetResource Budget);
