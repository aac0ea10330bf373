using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Silo.Admin;

/// <summary>What a tenant used.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
public sealed record UsageAnswer(
    string Tenant, DateOnly From, DateOnly To, IReadOnlyList<UsageDimension> By, IReadOnlyList<UsageSum> Rows, UsageSum Total);

/// <summary>Accounting, as tenants' day grains keep it.</summary>
internal static class UsageEndpoints
{
    private const int MostDays = 366;
    private const int DaysAtOnce = 8;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/tenants/{tenant}/usage", GetAsync)
        .Declare(
            AdminRole.Viewer,
            "get-usage",
            "What a tenant used, summed by some dimensions. What edges counted in the last seconds may not be in it yet.",
            new("from", "string", "The first day (UTC) such as 2026-01-31; the last day when not given."),
            new("to", "string", "The last day (UTC); today when not given."),
            new("by", "string", "Any of day, hour, key, model, route, provider, target, tag, status, source, separated by commas; model when not given. With tag only day, hour, model and route."),
            new("format", "string", "csv for a table of comma-separated values; json when not given, unless Accept names text/csv first."))
        .ForTenants(AdminRole.TenantViewer, TenantPlace.Path).WithTags("Tenants").Produces<UsageAnswer>(200, "application/json", "text/csv").Refuses(400, 404);

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, string tenant, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var to = query.Day("to") ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var from = query.Day("from") ?? to;
        var by = ReadBy(query);
        if (from > to)
        {
            query.Wrong("from", "must not be after to");
        }
        else if (to.DayNumber - from.DayNumber >= MostDays)
        {
            query.Wrong("from", $"must lie within {MostDays} days of to");
        }

        var csv = Csv.IsWanted(query, http.Request);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        if (TenantEndpoints.Find(grains, tenant) is not { } grain || await grain.GetAsync() is null)
        {
            return TenantEndpoints.NoTenant(tenant);
        }

        var sums = new ConcurrentBag<(DateOnly Day, DaySums Sums)>();
        var days = Enumerable.Range(from.DayNumber, to.DayNumber - from.DayNumber + 1).Select(DateOnly.FromDayNumber);
        await Parallel.ForEachAsync(
            days,
            new ParallelOptions { MaxDegreeOfParallelism = DaysAtOnce, CancellationToken = http.RequestAborted },
            async (day, _) => sums.Add((day, await new UsageDay(grains, day).Of(tenant).GetSumsAsync())));
        UsageDimension[] ordered = [.. by.Order()];
        var rows = UsageSums.Sum(sums, by);
        return csv
            ? Csv.Answer(UsageTable.Columns(ordered), rows.Select(row => UsageTable.Row(ordered, row)))
            : Results.Json(new UsageAnswer(tenant, from, to, ordered, rows, UsageSums.Total(sums.Select(day => day.Sums))), AdminJson.Options);
    }

    private static HashSet<UsageDimension> ReadBy(QueryReader query)
    {
        if (query.Text("by") is not { } text)
        {
            return [UsageDimension.Model];
        }

        var known = Enum.GetValues<UsageDimension>().ToDictionary(d => d.ToString().ToLowerInvariant(), StringComparer.Ordinal);
        var by = new HashSet<UsageDimension>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (known.TryGetValue(name, out var dimension))
            {
                by.Add(dimension);
            }
            else
            {
                query.Wrong("by", Unknown.Say("dimension", name, known.Keys));
            }
        }

        if (by.Contains(UsageDimension.Tag) && !by.IsSubsetOf(UsageSums.WithTags))
        {
            query.Wrong("by", $"sums by tag are kept by {string.Join(", ", UsageSums.WithTags.Except([UsageDimension.Tag]).Order().Select(d => d.ToString().ToLowerInvariant()))} alone; leave the others out, or tag");
        }

        return by;
    }
}
