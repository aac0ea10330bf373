using System.Collections.Concurrent;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>The meters of this edge, one for each limit or budget and subject that somebody uses.</summary>
internal sealed class MeterTable(IClusterClient cluster, string workspace, MeterContext context)
{
    private readonly ConcurrentDictionary<(string Limit, string Subject), RateMeter> _limits = new();
    private readonly ConcurrentDictionary<(string Budget, string Subject, BudgetUnit Unit), BudgetMeter> _budgets = new();

    // Not by Values, which locks the table and copies it.

    /// <summary>All meters of limits.</summary>
    public IEnumerable<RateMeter> Limits => _limits.Select(pair => pair.Value);

    /// <summary>All meters of budgets.</summary>
    public IEnumerable<BudgetMeter> Budgets => _budgets.Select(pair => pair.Value);

    /// <summary>Works out what binds a caller; null: an anonymous one.</summary>
    public Levels Resolve(EdgeRevision revision, Caller? caller)
    {
        var identity = caller?.Identity;
        var bound = revision.Plan.Policies.For(identity?.Tenant, identity?.KeyId, identity?.User, identity?.Team, identity?.Organisation, identity?.Products ?? default);
        var number = revision.Head.Revision;
        var limits = new RateLevel[bound.Limits.Length];
        for (var i = 0; i < limits.Length; i++)
        {
            var (limit, subject) = bound.Limits[i];
            var meter = _limits.GetOrAdd(
                (limit.Name, subject), key => new RateMeter(context, subject, limit, number, Grain<IEdgeRateLimitGrain>(key.Limit, key.Subject)));
            meter.Follow(limit, number);
            limits[i] = new RateLevel(meter, limit);
        }

        var budgets = new BudgetLevel[bound.Budgets.Length];
        for (var i = 0; i < budgets.Length; i++)
        {
            var (budget, subject) = bound.Budgets[i];
            var meter = _budgets.GetOrAdd(
                (budget.Name, subject, budget.Unit), key => new BudgetMeter(context, key.Budget, key.Subject, Grain<IEdgeBudgetGrain>(key.Budget, key.Subject)));
            budgets[i] = new BudgetLevel(meter, budget);
        }

        return new Levels(revision, limits, budgets);
    }

    /// <summary>Lets go of meters that hold nothing and were not used for long.</summary>
    public void RetireIdle()
    {
        foreach (var (key, meter) in _limits)
        {
            if (meter.TryRetire())
            {
                _limits.TryRemove(key, out _);
            }
        }

        foreach (var (key, meter) in _budgets)
        {
            if (meter.TryRetire())
            {
                _budgets.TryRemove(key, out _);
            }
        }
    }

    private T Grain<T>(string policy, string subject)
        where T : IGrainWithStringKey => cluster.GetGrain<T>(GrainKeys.Join(workspace, policy, subject));
}
