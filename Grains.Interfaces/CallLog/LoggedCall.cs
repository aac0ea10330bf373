using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Interfaces.CallLog;

/// <summary>One request of a client as the call log keeps it: never what was said, never a credential, no query. See docs/calls.md. Money in it is a copy for searches: the ledger's records are the truth.</summary>
/// <param name="RequestId">As the client was told in <c>sluice-request-id</c>.</param>
/// <param name="Tenant"><see cref="IEdgeUsageGrain.PublicTenant"/>: without a key.</param>
/// <param name="KeyId">Empty: without a key.</param>
/// <param name="User">The user whom the key stands for; empty: none.</param>
/// <param name="Tags"><c>name=value</c>, by name.</param>
/// <param name="Method">As it came.</param>
/// <param name="Host">As it came, with its port; at most 256 characters.</param>
/// <param name="Path">Decoded, without query; at most 512 characters.</param>
/// <param name="Asked">The model that was asked for, or <c>route/</c> and the route's name; empty: it came to none.</param>
/// <param name="Target">What answered: <c>provider/model</c>, or the part of a route's split; empty: it came to none.</param>
/// <param name="Prompt">The prompt and its version; empty: none.</param>
/// <param name="Stream">Whether its answer was streamed.</param>
/// <param name="Status">What the client was answered; 499 where it left.</param>
/// <param name="Source">From where the token counts come.</param>
/// <param name="Tokens">Of the attempt that answered.</param>
/// <param name="CostNano">Of all attempts, in 10⁻⁹ of the price's currency.</param>
/// <param name="Arrived">When it came, UTC, to the microsecond.</param>
/// <param name="Times">When what happened to it, since then.</param>
/// <param name="Tries">Attempts at models; none: it came to no attempt, or is of a plain route.</param>
/// <param name="Edge">The start of the edge that served it.</param>
/// <param name="Revision">Under which it was served.</param>
/// <param name="Error">The code of the error that the gateway itself told; empty or null: none.</param>
/// <param name="RefusedBy">Whose rule that was, <c>Kind/name</c>; empty or null: no resource's.</param>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("sluice.logged-call")]
public sealed record LoggedCall(
    [property: Id(0)] string RequestId,
    [property: Id(1)] string Tenant,
    [property: Id(2)] string KeyId,
    [property: Id(3)] string User,
    [property: Id(4)] ImmutableArray<string> Tags,
    [property: Id(5)] string Method,
    [property: Id(6)] string Host,
    [property: Id(7)] string Path,
    [property: Id(8)] string Asked,
    [property: Id(9)] string Target,
    [property: Id(10)] string Prompt,
    [property: Id(11)] bool Stream,
    [property: Id(12)] int Status,
    [property: Id(13)] UsageSource Source,
    [property: Id(14)] TokenCounts Tokens,
    [property: Id(15)] long CostNano,
    [property: Id(16)] DateTimeOffset Arrived,
    [property: Id(17)] CallTimes Times,
    [property: Id(18)] ImmutableArray<LoggedTry> Tries,
    [property: Id(19)] string Edge,
    [property: Id(20)] long Revision,
    [property: Id(22)] string? Error = null,
    [property: Id(23)] string? RefusedBy = null)
{
    /// <summary>What it did not use, for a kept answer was given.</summary>
    [Id(21)]
    public SavedUse Saved { get; init; }

    /// <summary>When its last byte went to the client.</summary>
    public DateTimeOffset Ended => Arrived.AddTicks(Times.Ended * TimeSpan.TicksPerMicrosecond);
}

/// <summary>When what happened, in microseconds since the request came.</summary>
/// <param name="Matched">What it asks for was known; null: it was not noted.</param>
/// <param name="Admitted">It was let in; null: it was not, or it was not noted.</param>
/// <param name="First">The answer began; null: it was not noted.</param>
/// <param name="Ended">Its last byte.</param>
[GenerateSerializer, Immutable, Alias("sluice.call-times")]
public readonly record struct CallTimes([property: Id(0)] long? Matched, [property: Id(1)] long? Admitted, [property: Id(2)] long? First, [property: Id(3)] long Ended);

/// <summary>One attempt at a model. Times are in microseconds since the request came.</summary>
/// <param name="Number">1, 2, 3 … within the request.</param>
/// <param name="Target"><c>provider/model</c>.</param>
/// <param name="Status">What it would have told the client.</param>
/// <param name="Source">From where its token counts come.</param>
/// <param name="CostNano">In 10⁻⁹ of the price's currency.</param>
/// <param name="Begun">It was to be let in.</param>
/// <param name="Admitted">It was let in.</param>
/// <param name="First">Its answer began; null: it did not.</param>
/// <param name="Ended">It was settled.</param>
[GenerateSerializer, Immutable, Alias("sluice.logged-try")]
public readonly record struct LoggedTry(
    [property: Id(0)] int Number,
    [property: Id(1)] string Target,
    [property: Id(2)] int Status,
    [property: Id(3)] UsageSource Source,
    [property: Id(4)] long CostNano,
    [property: Id(5)] long Begun,
    [property: Id(6)] long Admitted,
    [property: Id(7)] long? First,
    [property: Id(8)] long Ended);
