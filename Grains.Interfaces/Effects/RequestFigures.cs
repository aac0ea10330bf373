using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Interfaces.Effects;

/// <summary>What was counted of requests.</summary>
/// <param name="Requests">Requests that ended.</param>
/// <param name="Errors">Of these: answered 5xx, or cut off after the answer had begun.</param>
/// <param name="Refused">Of these: answered 4xx.</param>
/// <param name="Left">Of these: the client left before the answer's end.</param>
/// <param name="Duration">From arrival to the answer's end in microseconds; without upgraded connections.</param>
[GenerateSerializer, Immutable, Alias("sluice.request-figures")]
public sealed record RequestFigures(
    [property: Id(0)] long Requests,
    [property: Id(1)] long Errors,
    [property: Id(2)] long Refused,
    [property: Id(3)] long Left,
    [property: Id(4)] ImmutableArray<Bucket> Duration)
{
    /// <summary>Nothing was counted.</summary>
    public static RequestFigures None { get; } = new(0, 0, 0, 0, []);

    /// <summary>The sum of two.</summary>
    public RequestFigures Plus(RequestFigures other) => ReferenceEquals(other, None) ? this : ReferenceEquals(this, None) ? other : new(
        Requests + other.Requests,
        Errors + other.Errors,
        Refused + other.Refused,
        Left + other.Left,
        Buckets.Merge(Duration, other.Duration));
}
