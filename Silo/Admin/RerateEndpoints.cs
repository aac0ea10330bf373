using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Prices;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>
/// Rates what was used by another table. Records stay as they are; what is posted is the difference, as rows of sums that have no request. It is taken from what is counted
/// already, earlier ratings included, so that the same again posts nothing. See docs/prices.md.
/// </summary>
internal static class RerateEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/usage/rerate", RerateAsync)
        .Declare(
            AdminRole.Operator,
            "rerate-usage",
            "What the recorded attempts of some days cost by a price table and, with dryRun false, posts the difference to their sums. Budgets and records stay as they are.")
        .WithTags("Usage").Accepts<RerateBody>("application/json").Produces<RerateAnswer>().Refuses(400, 413, 415);

    private static async Task<IResult> RerateAsync(HttpContext http, IGrainFactory grains, IRecordArchive archive, WhatIfRevisions revisions, TimeProvider time)
    {
        var (document, refusal) = await RequestBody.ReadDocumentAsync(http);
        if (refusal is not null)
        {
            return refusal;
        }

        using var body = document!;
        var (ask, errors) = RerateBody.Read(body.RootElement, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        if (ask is null)
        {
            return Problem.InvalidRequest(errors);
        }

        var (revision, none) = await revisions.FindAsync(new WhatIfAsk(null, null, Prune: false), http.RequestAborted);
        if (none is not null)
        {
            return none;
        }

        var plan = revision!.Plan;
        var isList = string.Equals(ask.Price, PriceResource.List, StringComparison.Ordinal);
        var table = isList ? ListedPrices.AsTable : plan.Prices.GetValueOrDefault(ask.Price);
        if (table is null)
        {
            return Problem.InvalidRequest("price", $"there is no {PriceResource.KindName} '{ask.Price}'{Names.Suggest(ask.Price, [.. plan.Prices.Keys, PriceResource.List])}");
        }

        var price = string.Create(CultureInfo.InvariantCulture, $"{ask.Price}@{(isList ? ListedPrices.Version : revision.Number)}");
        var rerating = new Rerating(table, plan.Providers);
        var records = new DayRecords(grains, AdminApi.Workspace, archive);
        for (var day = ask.From; day <= ask.To; day = day.AddDays(1))
        {
            var used = new UsageDay(grains, day);
            await foreach (var tenant in used.TenantsAsync(ask.Tenant))
            {
                await RateAsync(used.Of(tenant), records, rerating, tenant, day, price, ask.IsDryRun, http.RequestAborted);
            }
        }

        return Results.Json(RerateAnswer.Of(ask, price, rerating.Targets), AdminJson.Options);
    }

    private static async Task RateAsync(
        IUsageGrain grain, DayRecords records, Rerating rerating, string tenant, DateOnly day, string price, bool isDryRun, CancellationToken cancellation)
    {
        var begin = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        var owed = new SortedDictionary<string, (UsageKey Key, long Nano)>(StringComparer.Ordinal);
        foreach (var record in await records.ReadAsync(tenant, UsageRows.DayOf(begin), new RecordFilter(begin, begin.AddDays(1).AddTicks(-1)), int.MaxValue, cancellation))
        {
            if (record.Source is not (UsageSource.None or UsageSource.Cached))
            {
                var cost = rerating.Rate(new RatedAttempt(tenant, record.Arrived, record.Target, record.Tokens, PriceNames.IsBatch(record.Price), record.CostNano, record.Units));
                Add(owed, UsageRows.CorrectionKey(record.KeyId, record.Asked, record.Target), cost - record.CostNano);
            }
        }

        foreach (var row in (await grain.GetSumsAsync()).Rows.Where(row => UsageRows.IsCorrection(row.Key) && rerating.Prices(row.Key.Target)))
        {
            rerating.Correct(tenant, row.Key.Target, row.Used.CostNano);
            Add(owed, row.Key, -row.Used.CostNano);
        }

        var due = owed.Values.Where(o => o.Nano != 0).Select(o => new UsageRow(o.Key, new UsageFigures(0, default, o.Nano))).ToImmutableArray();
        if (!isDryRun && !due.IsEmpty)
        {
            await grain.RecordAsync(new UsageBatch(NameOf(price, owed.Values), 1, due, []));
        }
    }

    private static void Add(SortedDictionary<string, (UsageKey Key, long Nano)> owed, UsageKey key, long nano)
    {
        var name = $"{key.KeyId}|{key.Model}|{key.Target}";
        owed[name] = (key, owed.GetValueOrDefault(name).Nano + nano);
    }

    // Two who rate the same at one time post one batch: its name says from what to what.
    private static string NameOf(string price, IEnumerable<(UsageKey Key, long Nano)> owed)
    {
        var text = string.Join('\n', owed.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Key.KeyId}|{o.Key.Model}|{o.Key.Target}|{o.Nano}")));
        return $"rerate:{price}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}";
    }
}
