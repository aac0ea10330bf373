using System.Collections.Immutable;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Grains.CallLog;

/// <summary>What is stored of a day of the call log: it decides which files are of it.</summary>
/// <param name="Files">Oldest first.</param>
/// <param name="Doomed">Files that are to be removed, or that may be written next.</param>
/// <param name="Counted">By edge, the number of its last batch.</param>
/// <param name="IsForgotten">All was let go.</param>
internal sealed record StoredCallDay(ImmutableArray<CallFile> Files, ImmutableArray<string> Doomed, ImmutableDictionary<string, long> Counted, bool IsForgotten)
{
    public StoredCallDay()
        : this([], [], ImmutableDictionary<string, long>.Empty, IsForgotten: false)
    {
    }
}

/// <summary>The days of a workspace that have a call log, oldest first.</summary>
/// <param name="Days"><c>yyyyMMdd</c>.</param>
/// <param name="Merged">Of these, those that are over and whose files were merged.</param>
internal sealed record StoredCallDays(ImmutableSortedSet<int> Days, ImmutableSortedSet<int> Merged)
{
    public StoredCallDays()
        : this([], [])
    {
    }
}
