using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>
/// Looks for the record of a request among those of a tenant that ended within an hour of its coming. What a file holds is kept in memory for the files that were looked into last, for
/// files never change. For use within one grain's turns.
/// </summary>
internal sealed class RequestSearch(IGrainFactory grains, IRecordArchive archive)
{
    /// <summary>The longest that an attempt is looked for after its request came.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    // 100,000 requests in a file, eight bytes for each.
    private const int MostFiles = 8;

    // Each look that sees records on their way is followed by another; more in a row are no race.
    private const int MostLooks = 3;

    private readonly List<(string Name, ulong[] Requests)> _files = [];

    /// <summary>Whether there is one.</summary>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public async Task<bool> HasRecordAsync(string workspace, string tenant, string request, DateTimeOffset arrived)
    {
        // Clocks of two edges may differ a little.
        var (from, to) = (arrived.AddMinutes(-1), arrived + Longest);
        foreach (var day in new[] { UsageRows.DayOf(from), UsageRows.DayOf(arrived), UsageRows.DayOf(to) }.Distinct())
        {
            var grain = grains.GetGrain<IUsageGrain>(GrainKeys.Join(workspace, tenant, day.ToString(CultureInfo.InvariantCulture)));
            if (await HasRecordAsync(grain, RequestIndex.HashOf(request), from, to))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> HasRecordAsync(IUsageGrain grain, ulong request, DateTimeOffset from, DateTimeOffset to)
    {
        for (var look = 1; ; look++)
        {
            // In this order: what leaves the batches is in a file that is named after.
            if (await grain.IsWaitingAsync(request))
            {
                return true;
            }

            var places = await grain.GetPlacesAsync();
            switch (await AreInAsync(places.Files.Where(file => file.Last >= from && file.First <= to), request))
            {
                case true:
                    return true;
                case false:
                    return false;
                default:
                    if (look == MostLooks)
                    {
                        throw new InvalidDataException("a file of records is not in the archive");
                    }

                    if (look == MostLooks - 1)
                    {
                        // No race: where a cluster is torn, the other half may have merged it into another.
                        await grain.ReadAnewAsync();
                    }

                    break;
            }
        }
    }

    // Null: a file is gone, for its records are in another one now.
    private async Task<bool?> AreInAsync(IEnumerable<RecordFile> files, ulong request)
    {
        foreach (var file in files)
        {
            if (await RequestsOfAsync(file.Name) is not { } requests)
            {
                return null;
            }

            if (requests.AsSpan().Contains(request))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<ulong[]?> RequestsOfAsync(string name)
    {
        var known = _files.FindIndex(file => string.Equals(file.Name, name, StringComparison.Ordinal));
        if (known >= 0)
        {
            return _files[known].Requests;
        }

        if (await archive.ReadAsync(name) is not { } content)
        {
            return null;
        }

        var requests = await Task.Run(() => RequestIndex.OfAsync(content));
        if (_files.Count == MostFiles)
        {
            _files.RemoveAt(0);
        }

        _files.Add((name, requests));
        return requests;
    }
}
