using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>One side of the proof beside the other.</summary>
/// <param name="Holder">The lease's holder; null: all leases that have ended.</param>
/// <param name="Reported">What edges have reported as spent.</param>
/// <param name="Recorded">What the records charged.</param>
/// <param name="Difference"><paramref name="Recorded"/> less <paramref name="Reported"/>: 0 once an edge has sent all that it counted.</param>
public sealed record LeaseCheck(string? Holder, long Reported, long Recorded, long Difference);

/// <summary>Whether a budget's window agrees with the records.</summary>
/// <param name="Window">The window's start.</param>
/// <param name="Proven">The records of each lease sum up to what was reported of it.</param>
/// <param name="Leases">Each open lease, and together those that have ended.</param>
public sealed record BudgetCheck(string Budget, string Subject, string Unit, DateTimeOffset Window, bool Proven, IReadOnlyList<LeaseCheck> Leases);

/// <summary>The proof that the ledger and the budgets tell the same: the records of a lease sum up to what was reported of it.</summary>
internal static class BudgetCheckEndpoints
{
    private const int CallsAtOnce = 8;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/budgets/{name}/check", (HttpContext http, IGrainFactory grains, string name) => PolicyStatusEndpoints.AnswerAsync(
            http, grains, BudgetResource.KindName, name, key => CheckAsync(grains, key, http.RequestAborted)))
        .Declare(
            AdminRole.Viewer,
            "check-budget",
            "Compares what edges reported of a budget's current window with the records. What was spent in the last seconds may be in one and not yet in the other.",
            PolicyStatusEndpoints.SubjectParameter)
        .WithTags(BudgetResource.KindName).Produces<BudgetCheck>().Refuses(400, 404);

    private static async Task<object?> CheckAsync(IGrainFactory grains, string key, CancellationToken cancellation)
    {
        if (await grains.GetGrain<IBudgetGrain>(key).GetStatusAsync() is not { } status)
        {
            return null;
        }

        var recorded = await RecordedAsync(grains, status, cancellation);
        var open = status.Leases.Where(lease => lease.Window == status.WindowStart.UtcTicks)
            .Select(lease => Check(lease.Edge, lease.Spent, recorded.Remove(lease.Edge, out var amount) ? amount : 0)).ToList();
        LeaseCheck[] all = [.. open, Check(null, status.Posted, recorded.Values.Sum())];
        return new BudgetCheck(status.Budget, status.Subject, status.Unit, status.WindowStart, all.All(each => each.Difference == 0), all);
    }

    private static LeaseCheck Check(string? holder, long reported, long recorded) => new(holder, reported, recorded, recorded - reported);

    private static async Task<Dictionary<string, long>> RecordedAsync(IGrainFactory grains, BudgetStatus status, CancellationToken cancellation)
    {
        var sums = new ConcurrentBag<LeaseCharge>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellation };
        var first = UsageRows.DayOf(status.WindowStart);

        // A tenant's budget and a user's are charged by that tenant alone.
        var only = status.Subject.Split('/') is ["tenant" or "user", var name, ..] ? name : null;
        foreach (var day in (await grains.GetGrain<IUsageDaysGrain>(AdminApi.Workspace).ListAsync()).Where(day => day >= first))
        {
            var used = new UsageDay(grains, day);
            await Parallel.ForEachAsync(used.TenantsAsync(only), options, async (tenant, _) =>
            {
                var of = await used.Of(tenant).GetSumsAsync();
                foreach (var charge in of.Charges.Where(charge => charge.Window == status.WindowStart.UtcTicks && Is(charge.Budget, status.Budget) && Is(charge.Subject, status.Subject)))
                {
                    sums.Add(charge);
                }
            });
        }

        return sums.GroupBy(charge => charge.Holder, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(charge => charge.Amount), StringComparer.Ordinal);
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);
}
