using System.Globalization;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>One request, as the call log has it.</summary>
/// <param name="Request">Its id, as its client was told in <c>sluice-request-id</c>.</param>
/// <param name="Tenant"><c>_public</c> without a key.</param>
/// <param name="Tags"><c>name=value</c>.</param>
/// <param name="Path">Without query.</param>
/// <param name="Asked">The model or, for plain routes, <c>route/</c> and the route's name; null: it came to none.</param>
/// <param name="Provider">That answered; null for plain routes.</param>
/// <param name="Model">Of the provider, that answered.</param>
/// <param name="Part">Of a plain route's split, that answered.</param>
/// <param name="Prompt">The prompt and its version.</param>
/// <param name="Status">What the client was answered; 499 where it left.</param>
/// <param name="Source">From where token counts come.</param>
/// <param name="Tokens">Of the attempt that answered; null: none were counted.</param>
/// <param name="Cost">Of all attempts, in US dollar. A copy: the ledger's records are what was charged.</param>
/// <param name="Ended">When its last byte went out.</param>
/// <param name="LatencyMs">Until then, in milliseconds.</param>
/// <param name="FirstMs">Until the answer began; null for plain routes and where it did not.</param>
/// <param name="Attempts">At models; none where a kept answer was given.</param>
/// <param name="IsCached">Whether a kept answer was given.</param>
/// <param name="SavedTokens">What it did not use therefore; null: it was given none.</param>
/// <param name="Saved">What that would have cost beyond what was charged, in US dollar; null: it was given none.</param>
/// <param name="Error">The code of the error that the gateway itself told; null: it told none.</param>
/// <param name="RefusedBy">Whose rule that was, as <c>Kind/name</c>; null: no resource's.</param>
public sealed record CallView(
    string Request,
    string Tenant,
    string? Key,
    string? User,
    IReadOnlyList<string>? Tags,
    string Method,
    string Host,
    string Path,
    string? Asked,
    string? Provider,
    string? Model,
    string? Part,
    string? Prompt,
    bool Stream,
    int Status,
    string Source,
    CallTokens? Tokens,
    string Cost,
    DateTimeOffset Arrived,
    DateTimeOffset Ended,
    double LatencyMs,
    double? FirstMs,
    int Attempts,
    string Edge,
    long Revision,
    bool IsCached,
    long? SavedTokens,
    string? Saved,
    string? Error = null,
    string? RefusedBy = null)
{
    /// <summary>Of an export with bodies: what was said, as far as it is kept; else null.</summary>
    public CallBodyAnswer? Bodies { get; init; }

    private const string RoutePrefix = "route/";
    private const double MicrosPerMilli = 1_000;

    /// <summary>The names of the columns of a table.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "request", "tenant", "key", "user", "tags", "method", "host", "path", "asked", "provider", "model", "part", "prompt", "stream", "status", "source",
        "inputTokens", "cachedTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens", "cost", "arrived", "ended", "latencyMs", "firstMs", "attempts", "edge", "revision", "isCached", "savedTokens", "saved", "error", "refusedBy",
    ];

    /// <summary>As a row of a table.</summary>
    public IEnumerable<string> Row() =>
    [
        Request, Tenant, Key ?? "", User ?? "", string.Join(' ', Tags ?? []), Method, Host, Path, Asked ?? "", Provider ?? "", Model ?? "", Part ?? "", Prompt ?? "", Stream ? "true" : "false", Text(Status), Source,
        Text(Tokens?.Input ?? 0), Text(Tokens?.CachedRead ?? 0), Text(Tokens?.CacheWrite ?? 0), Text(Tokens?.Output ?? 0), Text(Tokens?.Reasoning ?? 0), Cost,
        Text(Arrived), Text(Ended), Text(LatencyMs), FirstMs is { } first ? Text(first) : "", Text(Attempts), Edge, Text(Revision), IsCached ? "true" : "false", SavedTokens is { } tokens ? Text(tokens) : "", Saved ?? "", Error ?? "", RefusedBy ?? "",
    ];

    /// <summary>Of a row of the log.</summary>
    internal static CallView Of(FoundCall call)
    {
        var isRoute = call.Asked.StartsWith(RoutePrefix, StringComparison.Ordinal);
        var slash = isRoute ? -1 : call.Target.IndexOf('/', StringComparison.Ordinal);
        var isCached = string.Equals(call.Source, nameof(UsageSource.Cached), StringComparison.OrdinalIgnoreCase);
        var tokens = new CallTokens(call.Input, call.Cached, call.CacheWrite, call.Output, call.Reasoning);
        return new CallView(
            call.Request,
            call.Tenant,
            OrNull(call.Key),
            OrNull(call.User),
            call.Tags.IsEmpty ? null : call.Tags,
            call.Method,
            call.Host,
            call.Path,
            OrNull(call.Asked),
            slash < 0 ? null : call.Target[..slash],
            slash < 0 ? null : call.Target[(slash + 1)..],
            isRoute ? OrNull(call.Target) : null,
            OrNull(call.Prompt),
            call.Stream,
            call.Status,
            call.Source,
            tokens == default ? null : tokens,
            UsageSums.Dollars(call.CostNano),
            CallFilter.TimeOf(call.ArrivedMicros),
            CallFilter.TimeOf(call.EndedMicros),
            Millis(call.LatencyMicros),
            call.FirstAfter is { } first ? Millis(first) : null,
            call.Tries.Length,
            call.Edge,
            call.Revision,
            isCached,
            isCached ? call.SavedTokens : null,
            isCached ? UsageSums.Dollars(call.SavedNano) : null,
            call.Error,
            call.RefusedBy);
    }

    /// <summary>Microseconds as milliseconds.</summary>
    internal static double Millis(long micros) => micros / MicrosPerMilli;

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}

/// <summary>Tokens of a call.</summary>
/// <param name="CachedRead">Of the input.</param>
/// <param name="CacheWrite">Of the input.</param>
/// <param name="Reasoning">Of the output.</param>
public readonly record struct CallTokens(long Input, long CachedRead, long CacheWrite, long Output, long Reasoning);
