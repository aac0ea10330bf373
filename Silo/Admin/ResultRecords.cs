using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Grains.Usage.Results;

namespace Sluice.Silo.Admin;

/// <summary>Reads the records of some days, tenant after tenant, with what clients said of their requests.</summary>
internal sealed class ResultRecords(IGrainFactory grains, IRecordArchive archive)
{
    private readonly DayRecords _records = new(grains, AdminApi.Workspace, archive);

    /// <summary>Reads all that a filter takes into the results.</summary>
    /// <param name="results">Takes them.</param>
    /// <param name="asked">Of which days and whose.</param>
    /// <param name="filter">Which ones of a day, by its begin and its end.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">Records of a day are lost.</exception>
    public async Task ReadAsync(RequestResults results, AskedDays asked, Func<DateTimeOffset, DateTimeOffset, RecordFilter> filter, CancellationToken cancellation)
    {
        var days = (await grains.GetGrain<IUsageDaysGrain>(AdminApi.Workspace).ListAsync()).ToHashSet();
        var tenants = new SortedDictionary<string, List<DateOnly>>(StringComparer.Ordinal);
        for (var day = asked.From; day <= asked.To; day = day.AddDays(1))
        {
            if (days.Contains(UsageDay.NumberOf(day)))
            {
                await foreach (var each in new UsageDay(grains, day).TenantsAsync(asked.Tenant))
                {
                    (tenants.TryGetValue(each, out var its) ? its : tenants[each] = []).Add(day);
                }
            }
        }

        foreach (var (each, its) in tenants)
        {
            await ReadAsync(results, filter, each, its, cancellation);
        }
    }

    private async Task ReadAsync(RequestResults results, Func<DateTimeOffset, DateTimeOffset, RecordFilter> filter, string tenant, IEnumerable<DateOnly> days, CancellationToken cancellation)
    {
        (DateOnly Day, ILookup<string, RequestScore> Scores)? known = null;
        foreach (var day in days)
        {
            var begin = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
            var found = await _records.ReadAsync(tenant, UsageDay.NumberOf(day), filter(begin, begin.AddDays(1).AddTicks(-1)), int.MaxValue, cancellation);
            if (found.Count > 0)
            {
                var before = known is { } last && last.Day == day.AddDays(-1) ? last.Scores : await ScoresAsync(tenant, day.AddDays(-1));
                var scores = await ScoresAsync(tenant, day);
                results.TakeDay(found, request => scores[request].Concat(before[request]));
                known = (day, scores);
            }
        }

        results.EndTenant();
    }

    private async Task<ILookup<string, RequestScore>> ScoresAsync(string tenant, DateOnly day)
    {
        var grain = new UsageDay(grains, day).FeedbackOf(tenant);
        var scores = new List<RequestScore>();
        for (int? row = 0; row is { } number;)
        {
            var page = await grain.ListAsync(number);
            scores.AddRange(page.Scores);
            row = page.Next;
        }

        return scores.ToLookup(score => score.Request, StringComparer.Ordinal);
    }
}
