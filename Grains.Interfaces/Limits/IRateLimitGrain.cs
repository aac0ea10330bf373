using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Limits;

/// <summary>
/// The rate of one subject, divided between edges; key: <c>workspace|limit|subject</c>. It promises that the shares out at any moment never sum to more
/// than the limit: a share is given again only after its holder gave it up or its lease ended. Credit goes with the share: what edges and grain hold of it never
/// sums to more than the burst, and grows at the rate, so that in any interval T no more than R·T + burst is admitted. See docs/accounting.md, "Limits".
/// </summary>
[Alias("sluice.rate-limit")]
public interface IRateLimitGrain : IEdgeRateLimitGrain
{
    /// <summary>Who holds what; null where no such limit is declared.</summary>
    [Alias("status")]
    Task<RateStatus?> GetStatusAsync();
}

/// <summary>What an edge may ask of an <see cref="IRateLimitGrain"/>.</summary>
[EdgeCallable, Alias("sluice.rate-limit-edge")]
public interface IEdgeRateLimitGrain : IGrainWithStringKey
{
    /// <summary>Gives an edge its share until its lease ends, by the demand that each edge reports. Asked again before the end, and at once when demand jumps.</summary>
    [Alias("lease")]
    Task<RateLease> LeaseAsync(RateDemand demand);

    /// <summary>
    /// Takes one request of a limit that is not divided, and its tokens, or nothing. Nothing is given twice, whatever is lost: what was taken and not answered is gone.
    /// </summary>
    [Alias("take")]
    Task<RateTaken> TakeAsync(RateTake take);

    /// <summary>Gives a share back with its credit. An overtaken or doubled one changes nothing.</summary>
    [Alias("return")]
    Task ReturnAsync(RateReturn share);

    /// <summary>Waits until another edge has no share because others hold it all: true, and each holder asks anew at once; false after ten seconds.</summary>
    [Alias("awaited"), AlwaysInterleave]
    Task<bool> IsAwaitedAsync();
}

/// <summary>What an edge saw asked for, admitted or not.</summary>
/// <param name="Requests">Requests a second.</param>
/// <param name="Tokens">Tokens a second.</param>
/// <param name="Concurrent">The most at one time.</param>
/// <param name="Revision">The revision that the edge runs.</param>
/// <param name="Number">1, 2, 3 … for each edge and limit; 0: not told.</param>
/// <param name="HeldShare">The share that the edge goes by until it is answered: what it was given before and not told of is free. Null: not told.</param>
/// <param name="HeldConcurrent">The requests at one time that it goes by, or more where more are still under way. Null: not told.</param>
/// <param name="RequestCredit">Credit of requests that did not fit into a smaller share and is given back, in millionths of one.</param>
/// <param name="TokenCredit">The same of tokens.</param>
[GenerateSerializer, Immutable, Alias("sluice.rate-demand")]
public sealed record RateDemand(
    [property: Id(0)] string Edge, [property: Id(1)] double Requests, [property: Id(2)] double Tokens, [property: Id(3)] int Concurrent, [property: Id(4)] long Revision,
    [property: Id(5)] long Number = 0, [property: Id(6)] int? HeldShare = null, [property: Id(7)] int? HeldConcurrent = null,
    [property: Id(8)] long RequestCredit = 0, [property: Id(9)] long TokenCredit = 0);

/// <summary>A share that its holder does not use any more.</summary>
/// <param name="Number">In one series with <see cref="RateDemand.Number"/>.</param>
/// <param name="RequestCredit">What it had saved up, in millionths of a request.</param>
/// <param name="TokenCredit">The same of tokens.</param>
[GenerateSerializer, Immutable, Alias("sluice.rate-return")]
public sealed record RateReturn(
    [property: Id(0)] string Edge, [property: Id(1)] long Number, [property: Id(2)] long RequestCredit, [property: Id(3)] long TokenCredit);

/// <summary>An edge's share.</summary>
/// <param name="Share">Parts in a million of the rate and of the burst.</param>
/// <param name="Concurrent">Requests at one time; meaningless where the limit does not bound them.</param>
/// <param name="Length">How long it holds, counted by the edge from before it asked.</param>
/// <param name="Declared">False: no such limit is declared any more, nothing binds.</param>
/// <param name="RequestCredit">What this answer adds to the holder's credit of requests, in millionths of one; beyond the share's part of the burst it is given back.</param>
/// <param name="TokenCredit">The same of tokens.</param>
[GenerateSerializer, Immutable, Alias("sluice.rate-lease")]
public sealed record RateLease(
    [property: Id(0)] int Share, [property: Id(1)] int Concurrent, [property: Id(2)] TimeSpan Length, [property: Id(3)] bool Declared,
    [property: Id(4)] long RequestCredit = 0, [property: Id(5)] long TokenCredit = 0)
{
    /// <summary>Whether the limit is too small to be divided: <see cref="IEdgeRateLimitGrain.TakeAsync"/> decides on each request.</summary>
    [Id(6)]
    public bool IsCold { get; init; }

    /// <summary>The whole, in parts of a million.</summary>
    public const int Whole = 1_000_000;
}

/// <summary>An edge's question whether a request may pass.</summary>
/// <param name="Number">1, 2, 3 … for each edge and limit: of a message that was overtaken no credit is taken back.</param>
/// <param name="Requests">1; 0: a part of one that has passed, or it only gives back.</param>
/// <param name="Tokens">The most that it may use.</param>
/// <param name="Revision">The revision that the edge runs.</param>
/// <param name="RequestCredit">Of what it took before and did not use, in millionths of a request.</param>
/// <param name="TokenCredit">The same of tokens; negative where more was used than was taken.</param>
[GenerateSerializer, Immutable, Alias("sluice.rate-take")]
public sealed record RateTake(
    [property: Id(0)] string Edge, [property: Id(1)] long Number, [property: Id(2)] int Requests, [property: Id(3)] long Tokens, [property: Id(4)] long Revision,
    [property: Id(5)] long RequestCredit, [property: Id(6)] long TokenCredit);

/// <summary>Whether a request may pass.</summary>
/// <param name="IsTaken">It may.</param>
/// <param name="Wait">Else: when it may if nobody else comes; null: never under this limit.</param>
/// <param name="IsForTokens">Whether tokens are what is lacking.</param>
/// <param name="IsHeld">Edges hold shares from when the limit was divided, and are about to give them back: to be asked again soon.</param>
/// <param name="RequestsLeft">Whole ones that could pass now.</param>
/// <param name="TokensLeft">The same of tokens.</param>
[GenerateSerializer, Immutable, Alias("sluice.rate-taken")]
public sealed record RateTaken(
    [property: Id(0)] bool IsTaken, [property: Id(1)] TimeSpan? Wait, [property: Id(2)] bool IsForTokens, [property: Id(3)] bool IsHeld,
    [property: Id(4)] long RequestsLeft, [property: Id(5)] long TokensLeft);

/// <summary>A rate limit at a moment.</summary>
[GenerateSerializer, Immutable, Alias("sluice.rate-status")]
public sealed record RateStatus([property: Id(0)] string Limit, [property: Id(1)] string Subject, [property: Id(2)] ImmutableArray<RateShare> Shares);

/// <summary>What one edge holds of a rate.</summary>
[GenerateSerializer, Immutable, Alias("sluice.rate-share")]
public sealed record RateShare([property: Id(0)] string Edge, [property: Id(1)] int Share, [property: Id(2)] int Concurrent, [property: Id(3)] TimeSpan Left);
