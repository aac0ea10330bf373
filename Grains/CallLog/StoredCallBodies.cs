using System.Collections.Immutable;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Grains.CallLog;

/// <summary>What is stored of a tenant's bodies: which files there are, and the key that opens them.</summary>
/// <param name="SealedKey">Under the cluster's keyring; null: none was made, or it was let go.</param>
/// <param name="Next">The number of the next file, which may be there already where a silo was lost while it was written.</param>
/// <param name="Files">Oldest first.</param>
/// <param name="Doomed">Numbers of files that are to be removed.</param>
/// <param name="Accesses">Who did something to them, newest first; a bounded number.</param>
internal sealed record StoredCallBodies(string? SealedKey, long Next, ImmutableArray<BodyFile> Files, ImmutableArray<long> Doomed, ImmutableArray<BodyAccess> Accesses)
{
    public StoredCallBodies()
        : this(null, 1, [], [], [])
    {
    }

    /// <summary>What must not be let go, oldest first; a bounded number.</summary>
    public ImmutableArray<BodyHold> Holds { get; init; } = [];
}

/// <summary>A file of bodies that are kept for the same number of days, and came in the same hour.</summary>
/// <param name="Number">Its name.</param>
/// <param name="First">When the first of them came.</param>
/// <param name="Last">When the last of them came.</param>
internal sealed record BodyFile(long Number, int Days, DateTimeOffset First, DateTimeOffset Last, int Calls, long Bytes)
{
    /// <summary>When it is let go: no body in it is kept longer than its days, but for those that are held.</summary>
    public DateTimeOffset Until => First.AddDays(Days);

    /// <summary>Whether its time is over and all that is in it is held: it is looked at again when a hold ends.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>The tenants of a workspace that have bodies.</summary>
internal sealed record StoredBodyTenants(ImmutableSortedSet<string> Tenants)
{
    public StoredBodyTenants()
        : this([])
    {
    }
}
