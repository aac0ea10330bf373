using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metering;

namespace Sluice.Edge.Pipeline;

/// <summary>What is left of the caller's limits, under the names that Anthropic's clients read (https://docs.anthropic.com/en/api/rate-limits#response-headers).</summary>
internal static class RateLimits
{
    /// <summary>Puts them; the times at which all is there again are told as such.</summary>
    public static void StampAnthropic(IHeaderDictionary headers, in RateHeaders rate, DateTimeOffset now)
    {
        Put(headers, "requests", rate.LimitRequests, rate.RemainingRequests, rate.ResetRequests, now);
        Put(headers, "tokens", rate.LimitTokens, rate.RemainingTokens, rate.ResetTokens, now);
    }

    private static void Put(IHeaderDictionary headers, string kind, long? limit, long? remaining, TimeSpan? reset, DateTimeOffset now)
    {
        if (limit is { } most)
        {
            headers[$"anthropic-ratelimit-{kind}-limit"] = most.ToString(CultureInfo.InvariantCulture);
        }

        if (remaining is { } left)
        {
            headers[$"anthropic-ratelimit-{kind}-remaining"] = left.ToString(CultureInfo.InvariantCulture);
        }

        if (reset is { } wait)
        {
            headers[$"anthropic-ratelimit-{kind}-reset"] = (now + wait).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }
    }
}
