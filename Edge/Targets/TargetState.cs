namespace Sluice.Edge.Targets;

/// <summary>What an edge has seen of one target, or of one credential.</summary>
internal sealed class TargetState
{
    // Where providers tell nothing, or the same, requests under way decide.
    private const double OneUnderWay = 0.001;

    /// <summary>Attempts under way.</summary>
    public int InFlight;

    /// <summary>Whether it may be asked.</summary>
    public TargetHealth Health { get; } = new();

    /// <summary>How soon its streams begin.</summary>
    public FirstTokenTime FirstToken { get; } = new();

    /// <summary>How soon its whole answers begin: mostly when they are made.</summary>
    public FirstTokenTime WholeAnswer { get; } = new();

    /// <summary>What is left of its rates.</summary>
    public RateHeadroom Headroom { get; } = new();

    /// <summary>How much it is used: the less the better.</summary>
    public double UseAt(TimeSpan now) => 1 - Headroom.At(now) + (Volatile.Read(ref InFlight) * OneUnderWay);
}
