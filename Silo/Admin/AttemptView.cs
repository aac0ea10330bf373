using System.Globalization;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Silo.Admin;

/// <summary>The record of one attempt, as it is told.</summary>
/// <param name="Id">The request's id and the attempt's number.</param>
/// <param name="Request">The request's id.</param>
/// <param name="Tags"><c>name=value</c>.</param>
/// <param name="Asked">The model or, for plain routes, <c>route/</c> and the route's name.</param>
/// <param name="Provider">That was tried; empty for plain routes.</param>
/// <param name="Model">Of the provider, that was tried.</param>
/// <param name="Prompt">The prompt and its version.</param>
/// <param name="Tokens">By kind; parts are contained in their whole.</param>
/// <param name="Cost">In US dollar, exact.</param>
/// <param name="Price">The price's name and revision.</param>
/// <param name="Status">What the client saw; 499 where it left; 0 where the edge was lost before it was known.</param>
/// <param name="Ended">By it the record belongs to a day.</param>
/// <param name="Charges">The leases of budgets that were charged.</param>
/// <param name="Overdraft">Tokens that were charged beyond what budgets had reserved for them; null: none.</param>
/// <param name="Units">Pictures, sound and spoken characters; null: none.</param>
/// <param name="SavedTokens">What it did not use, for a kept answer was given, input and output together; null: it was given none.</param>
/// <param name="Saved">What that would have cost beyond what was charged, in US dollar; null: it was given none.</param>
public sealed record AttemptView(
    string Id,
    string Request,
    int Attempt,
    string Tenant,
    string? Key,
    string? User,
    IReadOnlyList<string>? Tags,
    string Asked,
    string? Provider,
    string? Model,
    string? Prompt,
    TokenCounts Tokens,
    string Cost,
    string? Price,
    UsageSource Source,
    int Status,
    DateTimeOffset Arrived,
    DateTimeOffset? FirstByte,
    DateTimeOffset Ended,
    string Edge,
    long Revision,
    IReadOnlyList<LeaseCharge>? Charges,
    long? Overdraft = null,
    UnitCounts? Units = null,
    long? SavedTokens = null,
    string? Saved = null)
{
    /// <summary>The names of the columns of a table.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "request", "attempt", "tenant", "key", "user", "tags", "asked", "provider", "model", "prompt", "inputTokens", "cachedTokens", "cacheWriteTokens", "imageTokens", "audioTokens",
        "outputTokens", "reasoningTokens", "outputAudioTokens", "cost", "price", "source", "status", "arrived", "firstByte", "ended", "edge", "revision", "overdraft", "pictures", "pictureSize", "pictureQuality", "soundMilliseconds", "characters", "savedTokens", "saved",
    ];

    /// <summary>As a row of a table.</summary>
    public IEnumerable<string> Row() =>
    [
        Id, Request, Number(Attempt), Tenant, Key ?? "", User ?? "", string.Join(' ', Tags ?? []), Asked, Provider ?? "", Model ?? "", Prompt ?? "",
        Number(Tokens.Input), Number(Tokens.CachedRead), Number(Tokens.CacheWrite), Number(Tokens.InputImage), Number(Tokens.InputAudio), Number(Tokens.Output), Number(Tokens.Reasoning),
        Number(Tokens.OutputAudio), Cost, Price ?? "", Source.ToString().ToLowerInvariant(), Number(Status), Time(Arrived), FirstByte is { } first ? Time(first) : "", Time(Ended), Edge, Number(Revision), Overdraft is { } beyond ? Number(beyond) : "",
        Number(Units?.Pictures ?? 0), Units?.Size ?? "", Units?.Quality ?? "", Number(Units?.SoundMilliseconds ?? 0), Number(Units?.Characters ?? 0),
        SavedTokens is { } tokens ? Number(tokens) : "", Saved ?? "",
    ];

    /// <summary>Of a record.</summary>
    internal static AttemptView Of(AttemptRecord record)
    {
        var slash = record.Target.IndexOf('/', StringComparison.Ordinal);
        return new AttemptView(
            record.Id,
            record.RequestId,
            record.Attempt,
            record.Tenant,
            OrNull(record.KeyId),
            OrNull(record.User),
            record.Tags.IsEmpty ? null : record.Tags,
            record.Asked,
            OrNull(slash < 0 ? record.Target : record.Target[..slash]),
            slash < 0 ? null : record.Target[(slash + 1)..],
            OrNull(record.Prompt),
            record.Tokens,
            UsageSums.Dollars(record.CostNano),
            OrNull(record.Price),
            record.Source,
            record.Status,
            record.Arrived,
            record.FirstByte,
            record.Ended,
            record.Edge,
            record.Revision,
            record.Charges.IsEmpty ? null : record.Charges,
            record.Overdraft == 0 ? null : record.Overdraft,
            record.Units,
            record.Saved.Answers == 0 ? null : record.Saved.Tokens,
            record.Saved.Answers == 0 ? null : UsageSums.Dollars(record.Saved.Nano));
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
