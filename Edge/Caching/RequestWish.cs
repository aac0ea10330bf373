using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sluice.Edge.Caching;

/// <summary>What a client asks of caches: RFC 9111, section 5.2.1.</summary>
/// <param name="IsNotKept">Nothing of this request or its answer is to be kept.</param>
/// <param name="NoCache">Nothing kept is to be given that was not asked for anew.</param>
/// <param name="MaxAge">The oldest that it takes; null: any.</param>
/// <param name="MinFresh">For how long it must still be fresh; null: for no time.</param>
/// <param name="MaxStale">For how long it may have been stale; null: it must be fresh.</param>
/// <param name="OnlyIfCached">The upstream is not to be asked.</param>
internal readonly record struct RequestWish(bool IsNotKept, bool NoCache, TimeSpan? MaxAge, TimeSpan? MinFresh, TimeSpan? MaxStale, bool OnlyIfCached)
{
    /// <summary>Of a request; what cannot be read asks for nothing kept.</summary>
    public static RequestWish Of(IHeaderDictionary request)
    {
        if (request.CacheControl.Count == 0)
        {
            return request.Pragma.Any(static v => v?.Contains("no-cache", StringComparison.OrdinalIgnoreCase) is true) ? new RequestWish { NoCache = true } : default;
        }

        return CacheControlHeaderValue.TryParse(request.CacheControl.ToString(), out var said)
            ? new RequestWish(said.NoStore, said.NoCache, said.MaxAge, said.MinFresh, said.MaxStale ? said.MaxStaleLimit ?? TimeSpan.MaxValue : null, said.OnlyIfCached)
            : new RequestWish { NoCache = true };
    }

    /// <summary>Whether an answer may be given without asking for it anew.</summary>
    /// <param name="life">Of the answer.</param>
    /// <param name="age">Of the answer.</param>
    /// <param name="isStale">Whether it should be asked for anew meanwhile.</param>
    public bool Takes(in AnswerLife life, TimeSpan age, out bool isStale)
    {
        var left = life.Fresh - age;
        isStale = false;
        if (NoCache || age > MaxAge || left < MinFresh)
        {
            return false;
        }

        if (left > TimeSpan.Zero || (life.MayBeStale && -left <= MaxStale))
        {
            return true;
        }

        isStale = -left <= life.WhileRevalidate && life.WhileRevalidate > TimeSpan.Zero;
        return isStale;
    }
}
