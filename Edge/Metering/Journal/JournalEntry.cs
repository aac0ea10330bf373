using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>What stands in a journal. The tags are part of the format.</summary>
internal enum EntryKind : byte
{
    /// <summary>An attempt was admitted: the record that it leaves where nothing else will be known, with all that was reserved.</summary>
    Begun = 1,

    /// <summary>An attempt was settled: its record.</summary>
    Settled = 2,

    /// <summary>The grain of a budget has taken a lease's last report.</summary>
    LeaseEnded = 3,

    /// <summary>What the records of segments that are no longer there charged to leases that have not ended.</summary>
    Carried = 4,
}

/// <summary>One entry; of the last three members those are set that its kind has.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="At">Where it stands in its segment.</param>
/// <param name="Record">Of an attempt.</param>
/// <param name="Lease">The lease that ended.</param>
/// <param name="Carried">Sums of leases.</param>
internal readonly record struct JournalEntry(EntryKind Kind, int At, AttemptRecord? Record, LeaseCharge Lease, CarriedPart? Carried);

/// <summary>What tells whether a settled attempt's record is with its grain.</summary>
/// <param name="Day">That it counts to, as a number of eight digits.</param>
/// <param name="Sequence">Its number on its edge.</param>
internal readonly record struct SettledMark(string Tenant, int Day, long Sequence);

/// <summary>A part of what was carried over. It holds only where all parts are there.</summary>
/// <param name="Through">The last segment that it stands for.</param>
/// <param name="Part">0, 1, 2 …</param>
/// <param name="Parts">How many there are.</param>
/// <param name="Leases">Sums of all segments up to <paramref name="Through"/>.</param>
internal sealed record CarriedPart(long Through, int Part, int Parts, ImmutableArray<LeaseCharge> Leases);
