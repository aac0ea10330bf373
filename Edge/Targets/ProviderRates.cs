using System.Globalization;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Targets;

/// <summary>
/// What a provider's headers tell of its rates and of waits: <c>retry-after</c> (RFC 9110 §10.2.3), <c>retry-after-ms</c>, <c>x-ratelimit-*</c>
/// (https://platform.openai.com/docs/guides/rate-limits) and <c>anthropic-ratelimit-*</c> (https://docs.anthropic.com/en/api/rate-limits#response-headers).
/// </summary>
internal static class ProviderRates
{
    private static readonly string[] Kinds = ["requests", "tokens", "input-tokens", "output-tokens"];

    private static readonly TimeSpan LeastRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    /// <summary>How long who told to wait is not asked; null: it told no time.</summary>
    public static TimeSpan RestOf(TimeSpan? wait) => wait is not { } told || told < LeastRest ? LeastRest : told > LongestRest ? LongestRest : told;

    /// <summary>After which time it may be asked again; null: it told none.</summary>
    public static TimeSpan? RetryAfter(UpstreamAnswer answer, DateTimeOffset now)
    {
        if (answer.Header("retry-after-ms") is { } millis && double.TryParse(millis, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) && double.IsFinite(ms))
        {
            return Seconds(ms / 1000);
        }

        return answer.Header("retry-after") is not { } text ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) ? Seconds(seconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? (at > now ? at - now : TimeSpan.Zero)
            : null;
    }

    /// <summary>Of the tightest rate what is left, and when all of it is there again; null: it told none.</summary>
    public static (double Share, TimeSpan Resets)? Read(UpstreamAnswer answer, DateTimeOffset now)
    {
        (double Share, TimeSpan Resets)? tightest = null;
        foreach (var kind in Kinds)
        {
            var told = Read(answer.Header($"x-ratelimit-limit-{kind}"), answer.Header($"x-ratelimit-remaining-{kind}"), answer.Header($"x-ratelimit-reset-{kind}"), now)
                ?? Read(answer.Header($"anthropic-ratelimit-{kind}-limit"), answer.Header($"anthropic-ratelimit-{kind}-remaining"), answer.Header($"anthropic-ratelimit-{kind}-reset"), now);
            tightest = told is { } one && (tightest is not { } other || one.Share < other.Share) ? one : tightest;
        }

        return tightest;
    }

    /// <summary>A time as providers write it: <c>6m0s</c>, <c>1.5s</c>, <c>120ms</c>, a number of seconds, or when it is; null: it is none.</summary>
    public static TimeSpan? ReadReset(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) && double.IsFinite(plain))
        {
            return Seconds(plain);
        }

        var (sum, at) = (0.0, 0);
        while (at < text.Length)
        {
            var begin = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            var unit = at;
            while (at < text.Length && char.IsAsciiLetterLower(text[at]))
            {
                at++;
            }

            if (unit == begin || !double.TryParse(text.AsSpan(begin, unit - begin), NumberStyles.Float, CultureInfo.InvariantCulture, out var count)
                || text[unit..at] switch { "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => double.NaN } is not (> 0 and var each))
            {
                return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? (moment > now ? moment - now : TimeSpan.Zero) : null;
            }

            sum += count * each;
        }

        return Seconds(sum);
    }

    private static (double Share, TimeSpan Resets)? Read(string? limit, string? remaining, string? reset, DateTimeOffset now) =>
        double.TryParse(limit, NumberStyles.Float, CultureInfo.InvariantCulture, out var most) && most > 0
            && double.TryParse(remaining, NumberStyles.Float, CultureInfo.InvariantCulture, out var left)
            ? (left / most, ReadReset(reset, now) ?? TimeSpan.FromMinutes(1))
            : null;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.SecondsPerDay * 30));
}
