using System.Globalization;
using DuckDB.NET.Data;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Silo.CallLog;

/// <summary>Searches the call log: which files of which hours is known from the days' grains, the rest is DuckDB's. A file that is merged into another meanwhile is looked for anew.</summary>
internal sealed class CallSearch(IGrainFactory grains, CallArchive archive, CallDatabase database)
{
    private const int Looks = 4;
    private const int DaysAtOnce = 8;

    /// <summary>A page of calls, newest first.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">The last call of the page before; null: from the newest.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SearchRefusedException">It was not answered.</exception>
    public async Task<List<FoundCall>> PageAsync(string workspace, CallFilter filter, CallPlace? before, int limit, CancellationToken cancellation)
    {
        var (where, parameters) = filter.Where();
        if (before is { } place)
        {
            where += " AND (EndedMicros, Request) < ($micros, $place)";
            parameters = [.. parameters, new("micros", place.Micros), new("place", place.Request)];
        }

        var until = before is { } last && CallFilter.TimeOf(last.Micros) < filter.To ? CallFilter.TimeOf(last.Micros) : filter.To;
        var found = new List<FoundCall>();
        foreach (var day in (await DaysAsync(workspace, filter.From, until)).Reverse())
        {
            found.AddRange(await LookAsync(
                workspace,
                [day],
                filter.From,
                until,
                files => database.QueryAsync(
                    string.Create(CultureInfo.InvariantCulture, $"SELECT {FoundCall.Columns} FROM {files} WHERE {where} ORDER BY EndedMicros DESC, Request DESC LIMIT {limit - found.Count}"),
                    parameters,
                    FoundCall.Read,
                    cancellation),
                cancellation) ?? []);
            if (found.Count >= limit)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>Runs a statement over the calls of a time; an empty list where there are none.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="filter">Which calls.</param>
    /// <param name="sql">Makes the statement of the table's expression and the condition.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="more">Parameters of the statement, besides those of the condition.</param>
    /// <exception cref="SearchRefusedException">It was not answered.</exception>
    public async Task<List<T>> RunAsync<T>(
        string workspace,
        CallFilter filter,
        Func<string, string, string> sql,
        Func<DuckDBDataReader, T> read,
        CancellationToken cancellation,
        params KeyValuePair<string, object>[] more)
    {
        var (where, parameters) = filter.Where();
        var days = await DaysAsync(workspace, filter.From, filter.To);
        return await LookAsync(
            workspace,
            days,
            filter.From,
            filter.To,
            files => database.QueryAsync(sql(files, where), parameters.Concat(more), read, cancellation),
            cancellation) ?? [];
    }

    /// <summary>Calls of a time as they come from the files of one hour after the other, newest hour first.</summary>
    public async IAsyncEnumerable<FoundCall> ExportAsync(string workspace, CallFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        const int Part = 20_000;
        CallPlace? before = null;
        while (true)
        {
            var page = await PageAsync(workspace, filter, before, Part, cancellation);
            foreach (var call in page)
            {
                yield return call;
            }

            if (page.Count < Part)
            {
                yield break;
            }

            before = new CallPlace(page[^1].EndedMicros, page[^1].Request);
        }
    }

    private async Task<IReadOnlyList<int>> DaysAsync(string workspace, DateTimeOffset from, DateTimeOffset to)
    {
        var (first, last) = (UsageRows.DayOf(from), UsageRows.DayOf(to));
        return [.. (await grains.GetGrain<ICallDaysGrain>(workspace).ListAsync()).Where(day => day >= first && day <= last)];
    }

    // Null: there are no files.
    private async Task<List<T>?> LookAsync<T>(
        string workspace, IReadOnlyList<int> days, DateTimeOffset from, DateTimeOffset to, Func<string, Task<List<T>>> query, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            var paths = new List<string>();
            var isWhole = true;
            foreach (var some in days.Chunk(DaysAtOnce))
            {
                foreach (var file in (await Task.WhenAll(some.Select(day => FilesAsync(workspace, day, from, to)))).SelectMany(files => files))
                {
                    var path = await archive.PathOfAsync(file.Name, cancellation);
                    isWhole &= path is not null;
                    paths.Add(path ?? "");
                }
            }

            if (paths.Count == 0)
            {
                return null;
            }

            try
            {
                if (isWhole)
                {
                    paths.Add(await archive.ColumnsAsync(cancellation));
                    return await query($"read_parquet([{string.Join(", ", paths.Select(CallDatabase.Literal))}], union_by_name=true)");
                }
            }
            catch (SearchRefusedException) when (look < Looks && paths.Exists(path => !File.Exists(path)))
            {
                continue;
            }

            if (look == Looks)
            {
                throw new SearchRefusedException("A file of the call log is missing: it was removed by something else than Sluice, or not restored.");
            }
        }
    }

    private async Task<IEnumerable<CallFile>> FilesAsync(string workspace, int day, DateTimeOffset from, DateTimeOffset to) =>
        await grains.GetGrain<ICallLogGrain>(GrainKeys.Join(workspace, day.ToString(CultureInfo.InvariantCulture))).FilesAsync(
            UsageRows.DayOf(from) == day ? from.UtcDateTime.Hour : 0,
            UsageRows.DayOf(to) == day ? to.UtcDateTime.Hour : 23);
}
