using System.Collections.Immutable;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Calls;

/// <summary>What is known of a call when it was answered.</summary>
/// <param name="Caller">Null: no key was asked for, or none that holds was given.</param>
/// <param name="Outcome">As in usage records; empty: it came to no route and no model.</param>
/// <param name="Target">The part of the split, or <c>provider/model</c>; empty: it came to none.</param>
/// <param name="Draw">The number by which that was chosen; null: there was nothing to choose.</param>
/// <param name="Model">The model that the body named; null: none, or the call was of a route.</param>
/// <param name="IsShaped">The name had a <c>?</c> and what shapes a sandbox's answer behind it.</param>
/// <param name="Stream">Whether its answer was streamed.</param>
/// <param name="Settlement">What it used, and its status.</param>
internal readonly record struct EndedCall(
    Caller? Caller, string Outcome, string Target, double? Draw, string? Model, bool IsShaped, bool Stream, Settlement Settlement)
{
    /// <summary>In 10⁻⁹ of a US dollar; null without a price.</summary>
    public long? CostNano { get; init; }

    /// <summary>What it used besides tokens; null: nothing.</summary>
    public UnitCounts? Units { get; init; }

    /// <summary>As the client gave them.</summary>
    public ImmutableArray<string> Tags { get; init; }

    /// <summary>What the client is about to be told; null: it was told already, or by another than this gateway.</summary>
    public ClientError? Told { get; init; }

    /// <summary>A call that came to no route and no model, or was let in nowhere.</summary>
    public static EndedCall Refused(int status, Caller? caller = null, string outcome = "", string? model = null) =>
        new(caller, outcome, "", null, model, IsShaped: false, Stream: false, new Settlement(default, default, "", status));
}
