using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Interfaces.Calls;

/// <summary>One call of a client as an edge keeps it for a while: never its body, never a credential. See docs/explain.md, "Replay".</summary>
/// <param name="At">When it was answered, by the edge's clock.</param>
/// <param name="Revision">The revision under which it ran.</param>
/// <param name="Method">As it came.</param>
/// <param name="Host">As it came, with its port.</param>
/// <param name="Path">Decoded, without query.</param>
/// <param name="Names">The names whose values are kept.</param>
/// <param name="Values">Of those names, the ones that the call had.</param>
/// <param name="Tenant">Null: no key was asked for, or none that holds was given.</param>
/// <param name="KeyId">The key's id, never the key.</param>
/// <param name="User">The key's user, or null.</param>
/// <param name="Models">The models that the key may use; none: all.</param>
/// <param name="Model">The model that the body named, or null.</param>
/// <param name="Stream">Whether its answer was streamed.</param>
/// <param name="InputTokens">That were counted.</param>
/// <param name="CachedTokens">Of the input.</param>
/// <param name="OutputTokens">That were counted.</param>
/// <param name="Status">What the client was answered; 499 where it left.</param>
/// <param name="Outcome">As in usage records: the model's name, or <c>route/</c> and the route's; empty: it came to none.</param>
/// <param name="Target">The part of the split, or <c>provider/model</c>; empty: it came to none.</param>
/// <param name="Draw">The number from 0 to below 1 by which that was chosen; null: there was nothing to choose.</param>
/// <param name="KeyUnread">It came with a client's key that nobody had to look at: whose it is, is not known.</param>
/// <param name="Units">Pictures, sound and characters that were counted; null: none.</param>
[GenerateSerializer, Immutable, Alias("sluice.call")]
public sealed record CallRecord(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] long Revision,
    [property: Id(2)] string Method,
    [property: Id(3)] string Host,
    [property: Id(4)] string Path,
    [property: Id(5)] ObservedNames Names,
    [property: Id(6)] ImmutableArray<CallValue> Values,
    [property: Id(7)] string? Tenant,
    [property: Id(8)] string? KeyId,
    [property: Id(9)] string? User,
    [property: Id(10)] ImmutableArray<string> Models,
    [property: Id(11)] string? Model,
    [property: Id(12)] bool Stream,
    [property: Id(13)] long InputTokens,
    [property: Id(14)] long CachedTokens,
    [property: Id(15)] long OutputTokens,
    [property: Id(16)] int Status,
    [property: Id(17)] string Outcome,
    [property: Id(18)] string Target,
    [property: Id(19)] double? Draw,
    [property: Id(20)] bool KeyUnread = false,
    [property: Id(21)] UnitCounts? Units = null)
{
    /// <summary>Its tokens, as far as they are kept.</summary>
    public TokenCounts Tokens => new() { Input = InputTokens, CachedRead = CachedTokens, Output = OutputTokens };
}

/// <summary>The names that a revision's routes look at: of these the values of calls are kept, and of no others. Those that may hold credentials are not among them.</summary>
/// <param name="Headers">Ordered, without case.</param>
/// <param name="Query">Ordered, without case.</param>
/// <param name="Cookies">Ordered, without case.</param>
[GenerateSerializer, Immutable, Alias("sluice.observed-names")]
public sealed record ObservedNames(
    [property: Id(0)] ImmutableArray<string> Headers, [property: Id(1)] ImmutableArray<string> Query, [property: Id(2)] ImmutableArray<string> Cookies)
{
    /// <summary>None.</summary>
    public static ObservedNames None { get; } = new([], [], []);
}

/// <summary>What a call had of a name.</summary>
/// <param name="Place">Where.</param>
/// <param name="Name">As the revision spells it.</param>
/// <param name="Values">At least one.</param>
[GenerateSerializer, Immutable, Alias("sluice.call-value")]
public readonly record struct CallValue([property: Id(0)] CallPlace Place, [property: Id(1)] string Name, [property: Id(2)] ImmutableArray<string> Values);

/// <summary>Where a value of a call stood.</summary>
public enum CallPlace
{
    /// <summary>In a header.</summary>
    Header,

    /// <summary>In the query.</summary>
    Query,

    /// <summary>In a cookie.</summary>
    Cookie,
}
