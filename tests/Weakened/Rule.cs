namespace Sluice.Tests.Weakened;

/// <summary>A rule of docs/reload.md without which the checker must find a violation.</summary>
public enum Rule
{
    /// <summary>An edge counts its lease from before the renewal was sent.</summary>
    LeaseFromBeforeItWasAsked,

    /// <summary>A lease ends as soon as either clock of the edge says so.</summary>
    LeaseEnds,

    /// <summary>A grant counts only once the edge runs the head that it tells.</summary>
    GrantCountsOnceReached,

    /// <summary>An edge acknowledges a head when it runs it.</summary>
    AcknowledgedOnceRun,

    /// <summary>A lease is granted from a read of the head's row that began after the renewal arrived.</summary>
    GrantFromARead,

    /// <summary>An edge is in the head's set before it is granted a lease.</summary>
    ListedBeforeGranted,

    /// <summary>A publish waits for every edge of the head's set.</summary>
    BarrierOfAll,

    /// <summary>A revocation returns behind a barrier.</summary>
    RevocationWaits,
}
