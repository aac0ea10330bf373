using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>A stored run of changes with numbers that follow each other; one row of the ring.</summary>
public sealed record ChangeSegment(ImmutableArray<Change> Changes);
