namespace Sluice.Grains.Interfaces.Calls;

/// <summary>What an edge has measured of one target of a model. See docs/targets.md.</summary>
/// <param name="Target"><c>provider/model</c>.</param>
/// <param name="Asked">Attempts that it was sent for this model in the last five minutes: the four that are over, and the one that runs.</param>
/// <param name="UnderWay">Attempts that have not ended, for whatever model.</param>
/// <param name="Standing">Whether it may be asked.</param>
/// <param name="ShutFor">How long it is not asked yet, as far as that is known; null: it may be.</param>
/// <param name="FirstToken">The mean time until its streams begin; null: none did.</param>
/// <param name="WholeAnswer">The mean time until its whole answers begin; null: none did.</param>
/// <param name="RateLeft">What is left of the tightest rate that its provider tells, from 0 to 1; 1 where it tells none.</param>
[GenerateSerializer, Immutable, Alias("sluice.target-reading")]
public sealed record TargetReading(
    [property: Id(0)] string Target,
    [property: Id(1)] long Asked,
    [property: Id(2)] int UnderWay,
    [property: Id(3)] TargetStanding Standing,
    [property: Id(4)] TimeSpan? ShutFor,
    [property: Id(5)] TimeSpan? FirstToken,
    [property: Id(6)] TimeSpan? WholeAnswer,
    [property: Id(7)] double RateLeft);

/// <summary>Whether a target, or a credential, may be asked.</summary>
public enum TargetStanding
{
    /// <summary>It is well.</summary>
    Well,

    /// <summary>It asked not to be asked until a time.</summary>
    Resting,

    /// <summary>It failed too often, and is not asked for a time.</summary>
    Ejected,

    /// <summary>That time is over: one request may be let through to see.</summary>
    Due,
}
