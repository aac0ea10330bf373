using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>One request of a cache to an upstream: with what is known of a stale answer, and what becomes of that which comes.</summary>
/// <param name="call">What the client asks for.</param>
/// <param name="stale">What is kept of it; null: nothing.</param>
/// <param name="why">Why it is asked for, where nothing is kept.</param>
/// <param name="client">Who is answered; null: nobody.</param>
/// <param name="time">The time.</param>
internal sealed class CacheFetch(CachedCall call, StoredAnswer? stale, string why, HttpContext? client, TimeProvider time)
{
    private readonly long _begun = time.GetTimestamp();
    private readonly long _purges = call.Cache.Answers.Purges;
    private Action<bool> _unkept = static _ => { };
    private bool _holds;
    private bool _fails;

    private CacheResource Cache => call.Whom.Cache;

    private bool IsPublic => call.Route.Resource.Access is RouteAccess.Public;

    /// <summary>Makes the request.</summary>
    /// <param name="aborted">Ends it.</param>
    /// <param name="unkept">Called once it is known that nothing will be kept: true where that is so for all answers.</param>
    public FetchedAnswer Begin(CancellationToken aborted, Action<bool> unkept)
    {
        _unkept = unkept;
        var fetched = new FetchedAnswer(call.Http, client, Cache.LargestAnswer, aborted, Judge);
        var headers = fetched.Http.Request.Headers;
        headers.Remove(HeaderNames.IfNoneMatch);
        headers.Remove(HeaderNames.IfModifiedSince);
        if (stale is { HasValidator: true })
        {
            headers.IfNoneMatch = stale.ETag;
            headers.IfModifiedSince = stale.LastModified;
        }

        return fetched;
    }

    /// <summary>It was forwarded to its end: keeps what is to be kept, and answers the client where that is not done.</summary>
    public async Task<CacheOutcome> EndAsync(FetchedAnswer fetched)
    {
        if (_holds)
        {
            var held = Freshen(fetched);
            if (client is not null)
            {
                await call.GiveAsync(held, time, "stale", StatusCodes.Status304NotModified);
            }

            return CacheOutcome.Revalidated;
        }

        if (_fails)
        {
            if (client is not null)
            {
                await call.GiveAsync(stale!, time, "stale", fetched.Http.Response.StatusCode);
            }

            return CacheOutcome.Stale;
        }

        if (fetched.Body is { } body)
        {
            var response = fetched.Http.Response;
            Put(new StoredAnswer(response.StatusCode, fetched.KeptHeaders(call.Route.Cors is not null), body, LifeOf(response.StatusCode, response.Headers))
            {
                At = time.GetTimestamp(),
                AgeThen = AnswerLife.AgeOf(response.Headers, time.GetUtcNow(), time.GetElapsedTime(_begun)),
                Vary = StoredAnswer.VaryOf(response.Headers.Vary, fetched.Http.Request.Headers),
            });
        }

        return CacheOutcome.Miss;
    }

    private Course Judge(FetchedAnswer fetched)
    {
        var (status, headers) = (fetched.Http.Response.StatusCode, fetched.Http.Response.Headers);
        _holds = stale is { HasValidator: true } && status is StatusCodes.Status304NotModified;
        _fails = stale is not null && status is 500 or 502 or 503 or 504 && stale is { Life: { IfError: var bound } life } && bound > TimeSpan.Zero && CachedCall.AgeOf(stale, time) - life.Fresh <= bound && !call.Said.NoCache;
        if (_holds || _fails)
        {
            return Course.None;
        }

        var keeps = call.IsGet && IsOfUse(LifeOf(status, headers), headers) && !(headers.ContentLength > Cache.LargestAnswer);
        if (!keeps)
        {
            _unkept(call.IsGet && status < StatusCodes.Status500InternalServerError);
        }

        var kept = keeps ? Course.Keep : Course.None;
        if (client is null)
        {
            return kept;
        }

        var isKnown = call.Has.AreMetBy(status, headers.ETag, headers.LastModified);
        var answer = client.Response;
        answer.StatusCode = isKnown ? StatusCodes.Status304NotModified : status;
        foreach (var (name, values) in headers)
        {
            if (!isKnown || CachedCall.TellsWithoutBody(name))
            {
                answer.Headers[name] = values;
            }
        }

        CacheStatus.Forwarded(answer.Headers, stale is null ? why : "stale", isKnown ? status : null, keeps && headers.ContentLength is not null);
        return isKnown ? kept : kept | Course.Pass;
    }

    private AnswerLife LifeOf(int status, IHeaderDictionary headers) => AnswerLife.Of(Cache, IsPublic, status, headers, time.GetUtcNow());

    // What is never fresh and cannot be asked for by what is known of it would only take room.
    private bool IsOfUse(in AnswerLife life, IHeaderDictionary headers) => life.IsKept
        && (headers.ETag.Count > 0 || headers.LastModified.Count > 0 || life.Fresh + life.WhileRevalidate + life.IfError > AnswerLife.AgeOf(headers, time.GetUtcNow(), TimeSpan.Zero));

    private StoredAnswer Freshen(FetchedAnswer fetched)
    {
        var told = fetched.Http.Response.Headers;
        var held = stale!.Freshened(fetched.KeptHeaders(call.Route.Cors is not null), stale.Life, time.GetTimestamp(), AnswerLife.AgeOf(told, time.GetUtcNow(), time.GetElapsedTime(_begun)));
        var headers = new HeaderDictionary();
        foreach (var (name, values) in held.Headers)
        {
            headers[name] = values;
        }

        held = held with { Life = LifeOf(held.Status, headers) };
        if (held.Life.IsKept)
        {
            Put(held);
        }
        else
        {
            _unkept(true);
        }

        return held;
    }

    private void Put(StoredAnswer answer) => call.Cache.Answers.Put(call.Target, call.Whom, answer, _purges);
}
