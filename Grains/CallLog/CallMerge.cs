using System.Collections.Immutable;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Grains.CallLog;

/// <summary>Which files of an hour are brought together. Pure.</summary>
internal static class CallMerge
{
    /// <summary>A file has so many calls at most.</summary>
    public const int MostInFile = 100_000;

    /// <summary>As the first hour that is not over: all are.</summary>
    public const int HoursOfDay = 24;

    // Files of about the same size are merged, so that a call is written anew a few times at most.
    private const int Enough = 16;
    private const int Step = 8;

    /// <summary>Files of one hour that are to become one; empty: none.</summary>
    /// <param name="files">Of a day.</param>
    /// <param name="openHour">Of hours before it no more come: of them as few files as can be are left.</param>
    public static ImmutableArray<CallFile> Choose(ImmutableArray<CallFile> files, int openHour)
    {
        foreach (var hour in files.GroupBy(file => file.Hour))
        {
            var isOver = hour.Key < openHour;
            IEnumerable<IEnumerable<CallFile>> tiers = isOver ? [hour] : hour.GroupBy(file => TierOf(file.Calls));
            foreach (var tier in tiers)
            {
                var fitting = Fitting(tier);
                if (fitting.Length >= (isOver ? 2 : Enough))
                {
                    return fitting;
                }
            }
        }

        return [];
    }

    // The smallest first, as many as one file may have.
    private static ImmutableArray<CallFile> Fitting(IEnumerable<CallFile> files)
    {
        var calls = 0;
        return [.. files.OrderBy(file => file.Calls).TakeWhile(file => (calls += file.Calls) <= MostInFile)];
    }

    private static int TierOf(int calls)
    {
        var tier = 0;
        for (var size = calls; size >= Step; size /= Step)
        {
            tier++;
        }

        return tier;
    }
}
