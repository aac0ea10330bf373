namespace Sluice.Edge.Metering.Journal;

/// <summary>Where an attempt's beginning stands.</summary>
internal sealed record BegunMark(JournalSegment Segment, int At)
{
    /// <summary>Where it stands with less; that segment stays as long as the attempt is under way.</summary>
    public BegunMark? Before { get; init; }
}
