using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Idempotency;

/// <summary>
/// Owns one idempotency key of one caller, for all edges; key: <c>workspace|tenant|hash</c>. It promises: of all requests with the key one at a time is under way, and once
/// one was executed no other is until its window ends. What was answered is durable. See docs/idempotency.md.
/// </summary>
[Alias("sluice.idempotency")]
public interface IIdempotencyGrain : IEdgeIdempotencyGrain
{
    /// <summary>Lets go of what is stored where its window has ended; else changes nothing.</summary>
    [Alias("expire")]
    Task ExpireAsync();
}

/// <summary>What an edge may ask of an <see cref="IIdempotencyGrain"/>.</summary>
[EdgeCallable, Alias("sluice.idempotency-edge")]
public interface IEdgeIdempotencyGrain : IGrainWithStringKey
{
    /// <summary>Begins a request, or says why not. The same claim again is answered as before.</summary>
    [Alias("claim")]
    Task<ClaimAnswer> ClaimAsync(RequestClaim claim);

    /// <summary>Goes on with a request for another lease; false: it is another's now.</summary>
    [Alias("renew")]
    Task<bool> RenewAsync(string request);

    /// <summary>Ends a request that was executed: its answer is given to every repeat. Changes nothing where the key is another request's now, or was answered.</summary>
    [Alias("complete")]
    Task CompleteAsync(string request, KeptAnswer answer);

    /// <summary>Ends a request that was not executed: the key is free again.</summary>
    [Alias("release")]
    Task ReleaseAsync(string request);
}

/// <summary>A request that wants to begin.</summary>
/// <param name="Request">Its id.</param>
/// <param name="Fingerprint">SHA-256 of what it asks, in hex: a repeat has the same.</param>
/// <param name="Window">For how long a repeat gets the same answer.</param>
[GenerateSerializer, Immutable, Alias("sluice.request-claim")]
public sealed record RequestClaim([property: Id(0)] string Request, [property: Id(1)] string Fingerprint, [property: Id(2)] TimeSpan Window);

/// <summary>What becomes of a claim.</summary>
public enum ClaimOutcome
{
    /// <summary>It may begin, and must be renewed within a lease.</summary>
    Claimed,

    /// <summary>Another request with the key is under way.</summary>
    UnderWay,

    /// <summary>It was executed: <see cref="ClaimAnswer.Kept"/> is its answer.</summary>
    Answered,

    /// <summary>The key was used for something else.</summary>
    Different,
}

/// <summary>What becomes of a claim.</summary>
/// <param name="Outcome">What.</param>
/// <param name="First">The id of the request that has the key.</param>
/// <param name="Kept">Set where it was executed.</param>
[GenerateSerializer, Immutable, Alias("sluice.claim-answer")]
public sealed record ClaimAnswer([property: Id(0)] ClaimOutcome Outcome, [property: Id(1)] string First, [property: Id(2)] KeptAnswer? Kept);

/// <summary>An answer as it went out.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">Those that a repeat gets too.</param>
/// <param name="Body">Compressed (Brotli); null: it was too large to be kept.</param>
[GenerateSerializer, Immutable, Alias("sluice.kept-answer")]
public sealed record KeptAnswer([property: Id(0)] int Status, [property: Id(1)] ImmutableArray<KeptHeader> Headers, [property: Id(2)] byte[]? Body);

/// <summary>A header of an answer.</summary>
[GenerateSerializer, Immutable, Alias("sluice.kept-header")]
public readonly record struct KeptHeader([property: Id(0)] string Name, [property: Id(1)] string Value);

/// <summary>Times that both sides keep.</summary>
public static class ClaimTimes
{
    /// <summary>How long a request may be silent before its key is free again.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>How often its edge renews it.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(8);

    /// <summary>The longest window.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(7);
}
