using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>
/// For how long an answer may be given again: RFC 9111, sections 3 and 4.2, as a cache that several clients share, and RFC 5861. What cannot be read is not kept.
/// </summary>
/// <param name="IsKept">Whether it may be kept at all.</param>
/// <param name="Fresh">For how long it is fresh, from when it was made; zero: it is asked for anew each time.</param>
/// <param name="WhileRevalidate">For how long after that it is given while it is asked for anew.</param>
/// <param name="IfError">For how long after that it is given where the upstream fails.</param>
/// <param name="MayBeStale">Whether a client may ask for it when it is not fresh any more.</param>
internal readonly record struct AnswerLife(bool IsKept, TimeSpan Fresh, TimeSpan WhileRevalidate, TimeSpan IfError, bool MayBeStale)
{
    private const string EventStream = "text/event-stream";

    /// <summary>The life of an answer.</summary>
    /// <param name="cache">What keeps it.</param>
    /// <param name="isPublic">Whether whoever asks is not known: then only what says that it is for everybody is kept.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="headers">Of the answer.</param>
    /// <param name="now">When it came.</param>
    public static AnswerLife Of(CacheResource cache, bool isPublic, int status, IHeaderDictionary headers, DateTimeOffset now)
    {
        if (!IsOfStatus(status) || headers.SetCookie.Count > 0 || headers.Vary.Any(static v => v?.Contains('*', StringComparison.Ordinal) is true)
            || headers.ContentType.ToString().StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) || !TryRead(headers.CacheControl.ToString(), out var said))
        {
            return default;
        }

        if (said.NoStore || said.Private || (isPublic && !said.Public && said.SharedMaxAge is null))
        {
            return default;
        }

        var fresh = said.NoCache ? TimeSpan.Zero
            : said.SharedMaxAge ?? said.MaxAge ?? (headers.Expires.Count > 0 ? UntilExpiry(headers, now) : AssumedFor(cache, status));
        if (fresh is not { } told)
        {
            return default;
        }

        var mustRevalidate = said.NoCache || said.MustRevalidate || said.ProxyRevalidate;
        return new AnswerLife(
            IsKept: true,
            told < cache.MaxAge ? told : cache.MaxAge,
            mustRevalidate ? TimeSpan.Zero : Extension(said, "stale-while-revalidate") ?? (said.SharedMaxAge is null ? cache.StaleWhileRevalidate : TimeSpan.Zero),
            mustRevalidate ? TimeSpan.Zero : Extension(said, "stale-if-error") ?? (said.SharedMaxAge is null ? cache.StaleIfError : TimeSpan.Zero),
            !mustRevalidate && said.SharedMaxAge is null);
    }

    /// <summary>How old an answer is when it comes: RFC 9111, section 4.2.3.</summary>
    /// <param name="headers">Of the answer.</param>
    /// <param name="now">When it came.</param>
    /// <param name="delay">How long it took.</param>
    public static TimeSpan AgeOf(IHeaderDictionary headers, DateTimeOffset now, TimeSpan delay)
    {
        var told = (HeaderUtilities.TryParseNonNegativeInt64(headers.Age.ToString(), out var seconds) && seconds <= CacheResource.Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero) + delay;
        var apparent = HeaderUtilities.TryParseDate(headers.Date.ToString(), out var date) && date < now ? now - date : TimeSpan.Zero;
        return told > apparent ? told : apparent;
    }

    /// <summary>Reads <c>Cache-Control</c>; false: it cannot be read.</summary>
    public static bool TryRead(string text, out CacheControlHeaderValue said)
    {
        said = new CacheControlHeaderValue();
        if (text.Length == 0)
        {
            return true;
        }

        if (!CacheControlHeaderValue.TryParse(text, out var read))
        {
            return false;
        }

        said = read;
        return true;
    }

    // Those that are whole answers by themselves.
    private static bool IsOfStatus(int status) => status is 200 or 203 or 204 or 300 or 301 or 302 or 307 or 308 or 404 or 410;

    private static TimeSpan? AssumedFor(CacheResource cache, int status) => status is 200 or 203 or 301 or 308 ? cache.Age : null;

    // One that cannot be read is in the past.
    private static TimeSpan UntilExpiry(IHeaderDictionary headers, DateTimeOffset now)
    {
        var from = HeaderUtilities.TryParseDate(headers.Date.ToString(), out var date) ? date : now;
        return HeaderUtilities.TryParseDate(headers.Expires.ToString(), out var expires) && expires > from ? expires - from : TimeSpan.Zero;
    }

    private static TimeSpan? Extension(CacheControlHeaderValue said, string name)
    {
        foreach (var extension in said.Extensions)
        {
            if (extension.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return HeaderUtilities.TryParseNonNegativeInt64(extension.Value, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, (long)CacheResource.Longest.TotalSeconds)) : TimeSpan.Zero;
            }
        }

        return null;
    }
}
