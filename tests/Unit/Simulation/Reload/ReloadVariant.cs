namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>
/// The protocol, or the protocol with one rule taken away where the simulation drives it: proof that the simulation finds what the rule is there for. The rules
/// themselves have no such switch.
/// </summary>
public enum ReloadVariant
{
    /// <summary>The protocol of docs/reload.md.</summary>
    Whole,

    /// <summary>A publish returns when its head is committed.</summary>
    ReturnOnCommit,

    /// <summary>A publish returns when more than half of the edges have activated.</summary>
    ReturnOnMajority,

    /// <summary>An edge counts its lease from the moment the grant came.</summary>
    LeaseFromReceipt,

    /// <summary>A grant carries the head that the fleet read last.</summary>
    GrantFromCachedHead,

    /// <summary>An edge activates whatever was loaded last.</summary>
    NoOrderCheck,

    /// <summary>An edge is granted a lease without being in the head's edge set.</summary>
    GrantBeforeRegistration,

    /// <summary>Clocks are taken to run alike.</summary>
    NoDriftAllowance,

    /// <summary>An edge activates a body before it was compiled.</summary>
    ActivateBeforeCompile,

    /// <summary>An edge learns of heads by events alone.</summary>
    EventWithoutPull,

    /// <summary>A silent edge leaves the set without a lapse mark, by one activation's memory alone.</summary>
    StrikeWithoutMark,

    /// <summary>A grant counts before the edge has activated what it carries.</summary>
    GrantCountsAtOnce,

    /// <summary>A lease is counted on the monotonic clock alone, which stands still while the machine is suspended.</summary>
    SuspensionUnnoticed,

    /// <summary>A commit whose answer was lost is made anew instead of being looked for.</summary>
    CommitAgainWithoutLooking,

    /// <summary>In a strict workspace a commit is made though not every edge holds.</summary>
    CommitThoughNotAllHold,

    /// <summary>In a strict workspace a commit is made once all who were in the set at its beginning hold, whoever has joined since.</summary>
    CommitThoughOthersJoined,

    /// <summary>Edges are let go without the head's row having moved: the commit they held for may yet be made.</summary>
    ReleaseWithoutFence,

    /// <summary>Edges let themselves go after a time.</summary>
    HoldEndsByTime,

    /// <summary>A lease that was granted anew lets an edge go.</summary>
    HoldEndsByLease,

    /// <summary>A publish is strict only where its candidate is, though the revision before it was.</summary>
    StrictByCandidateAlone,
}
