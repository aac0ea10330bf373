using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>
/// What was said of the answers to one tenant's requests that came on one day (UTC); key: <c>workspace|tenant|yyyyMMdd</c>. It promises: a score that was taken is durable,
/// and of one request there is one score of a name, the last. Scores are joined to records by the request's id when results are asked. See docs/prompts.md.
/// </summary>
[Alias("sluice.feedback")]
public interface IFeedbackGrain : IEdgeFeedbackGrain
{
    /// <summary>The most scores of one day.</summary>
    const int MostScores = 100_000;

    /// <summary>The most scores of a row.</summary>
    const int MostInRow = 250;

    /// <summary>The scores of one row after another; a bounded number.</summary>
    /// <param name="row">0, then what the page before told as next.</param>
    [Alias("list")]
    Task<FeedbackPage> ListAsync(int row);

    /// <summary>The scores of one request, by their names.</summary>
    [Alias("of")]
    Task<ImmutableArray<RequestScore>> OfAsync(string request);

    /// <summary>Lets go of all of it.</summary>
    [Alias("forget")]
    Task ForgetAsync();
}

/// <summary>What an edge may ask of an <see cref="IFeedbackGrain"/>.</summary>
[EdgeCallable, Alias("sluice.feedback-edge")]
public interface IEdgeFeedbackGrain : IGrainWithStringKey
{
    /// <summary>Takes a score, in place of an earlier one of the same request and name.</summary>
    [Alias("give")]
    Task<FeedbackOutcome> GiveAsync(RequestScore score);
}

/// <summary>What becomes of a score.</summary>
public enum FeedbackOutcome
{
    /// <summary>It is kept, and its request has a record.</summary>
    Counted,

    /// <summary>It is kept; the record of its request, which is a young one, has not come.</summary>
    Awaited,

    /// <summary>The tenant has no such request.</summary>
    Unknown,

    /// <summary>The day has as many scores as it may have.</summary>
    Full,
}

/// <summary>A score of a request's answer.</summary>
/// <param name="Request">Its id; see <see cref="RequestTimes"/>.</param>
/// <param name="Name">What is scored.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Comment">Empty: none.</param>
/// <param name="KeyId">The key with which it was given.</param>
/// <param name="At">When it was given.</param>
[GenerateSerializer, Immutable, Alias("sluice.request-score")]
public sealed record RequestScore(
    [property: Id(0)] string Request, [property: Id(1)] string Name, [property: Id(2)] double Score, [property: Id(3)] string Comment, [property: Id(4)] string KeyId, [property: Id(5)] DateTimeOffset At);

/// <summary>Some scores.</summary>
/// <param name="Next">Where more may be; null: nowhere.</param>
[GenerateSerializer, Immutable, Alias("sluice.feedback-page")]
public sealed record FeedbackPage([property: Id(0)] ImmutableArray<RequestScore> Scores, [property: Id(1)] int? Next);
