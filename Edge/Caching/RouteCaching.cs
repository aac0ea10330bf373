using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Tls;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>
/// Answers of routes that name a <c>Cache</c>: kept and given again as RFC 9111 has it for a cache that several clients share. Promised: nothing kept for one tenant is given to another,
/// nor what was kept before a purge or under another declaration. Requests for the same wait for one. See docs/caching.md.
/// </summary>
internal sealed class RouteCaching(AnswerStores stores, CacheUpkeep upkeep, TimeProvider time)
{
    /// <summary>How long a request waits for another that asks for the same, where its cache does not say.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private readonly UnderWay _underWay = new();

    /// <summary>Answers a request from what is kept, or forwards it and keeps the answer.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="route">What it matched, with a cache.</param>
    /// <param name="upstream">To whom it goes.</param>
    /// <param name="caller">Null on a public route.</param>
    /// <param name="forward">Forwards a request to the upstream and answers it.</param>
    public Task ServeAsync(Arrival arrival, CompiledRoute route, UpstreamResource upstream, Caller? caller, Func<Arrival, Task> forward)
    {
        var request = arrival.Http.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return ChangeAsync(arrival, route.Cache!, forward);
        }

        var said = RequestWish.Of(request.Headers);
        if (said.IsNotKept || !IsPlain(request) || IsOfOne(arrival))
        {
            CacheStatus.ForwardedLater(arrival.Http, said.IsNotKept ? "request" : "bypass");
            stores.Of(route.Cache!).Count(CacheOutcome.Bypass);
            return forward(arrival);
        }

        return ServeAsync(new CachedCall(arrival, route, stores.Of(route.Cache!), AnswerTarget.Of(request), WhomOf(route, upstream, caller), said), forward);
    }

    // What is changed may not be given as it was (RFC 9111, section 4.4).
    private Task ChangeAsync(Arrival arrival, CacheResource cache, Func<Arrival, Task> forward)
    {
        var http = arrival.Http;
        CacheStatus.ForwardedLater(http, "method");
        if (!HttpMethods.IsOptions(http.Request.Method))
        {
            // Before the client hears of the change: what it asks for next may not be given as it was.
            var (answers, target) = (stores.Of(cache).Answers, AnswerTarget.Of(http.Request));
            http.Response.OnStarting(() =>
            {
                if (http.Response.StatusCode is >= 200 and < 400)
                {
                    answers.Forget(target);
                }

                return Task.CompletedTask;
            });
        }

        return forward(arrival);
    }

    private static bool IsPlain(HttpRequest request) => request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0 && request.Headers.Upgrade.Count == 0
        && request.Headers.Range.Count == 0 && request.Headers.IfMatch.Count == 0 && request.Headers.IfUnmodifiedSince.Count == 0
        && request.HttpContext.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect is not true;

    // Its upstream is told who asks, and may answer him alone.
    private static bool IsOfOne(in Arrival arrival) => arrival.Revision.Certificates is { AsksClients: true } certificates && ShownCertificate.Of(arrival.Http, certificates) is not null;

    private static KeptFor WhomOf(CompiledRoute route, UpstreamResource upstream, Caller? caller)
    {
        var identity = caller?.Identity;
        return new KeptFor(route.Resource, upstream, route.Cache!, Sharer.TenantOf(route.Cache!.Per, identity), Sharer.Of(route.Cache!.Per, identity));
    }

    private async Task ServeAsync(CachedCall call, Func<Arrival, Task> forward)
    {
        var http = call.Http;
        for (var patience = new Patience(call.Whom.Cache.WaitForSame ?? Wait, time); ;)
        {
            var found = call.Cache.Answers.Find(call.Target, call.Whom, http.Request.Headers, time.GetTimestamp());
            if (found.IsPassed)
            {
                CacheStatus.ForwardedLater(http, "bypass");
                call.Cache.Count(CacheOutcome.Bypass);
                await forward(call.Arrival);
                return;
            }

            if (found.Answer is { } kept && call.Said.Takes(kept.Life, CachedCall.AgeOf(kept, time), out var isStale))
            {
                if (isStale && _underWay.TryLead(call.Target, call.Whom, out var mark))
                {
                    // Copied now: the client's request may have ended before it is asked for anew.
                    var fetch = new CacheFetch(call, kept, "stale", client: null, time);
                    var fetched = fetch.Begin(CancellationToken.None, isLasting => Unkept(call, mark, isLasting));
                    upkeep.Begin(bound => RefreshAsync(call, fetch, fetched, forward, bound), () => mark.End(LeadEnd.Unkept));
                }

                call.Cache.Count(patience.HasWaited ? CacheOutcome.Collapsed : isStale ? CacheOutcome.Stale : CacheOutcome.Hit);
                await call.GiveAsync(kept, time, patience.HasWaited ? "uri-miss" : null, isCollapsed: patience.HasWaited);
                return;
            }

            if (call.Said.OnlyIfCached)
            {
                CacheStatus.Forwarded(http.Response.Headers, "request");
                await Answers.WriteProblemAsync(http, new ClientError(504, "The request asks for what is kept only, and nothing that it takes is.", "not_cached"));
                return;
            }

            // Those who have waited go by themselves: what they waited for was not for them.
            UnderWay.Lead? own = null;
            if (call.IsGet && patience.IsLeft && !_underWay.TryLead(call.Target, call.Whom, out own))
            {
                await patience.WaitAsync(own, http.RequestAborted);
                continue;
            }

            await FetchAsync(call, found, own, forward);
            return;
        }
    }

    private async Task FetchAsync(CachedCall call, Found found, UnderWay.Lead? own, Func<Arrival, Task> forward)
    {
        try
        {
            var fetch = new CacheFetch(call, found.Answer, found.IsKnown ? "vary-miss" : "uri-miss", call.Http, time);
            await using var fetched = fetch.Begin(call.Http.RequestAborted, isLasting => Unkept(call, own, isLasting));
            await forward(call.Arrival with { Http = fetched.Http });
            await fetched.EndAsync();
            call.Cache.Count(await fetch.EndAsync(fetched));
        }
        finally
        {
            own?.End(call.Http.RequestAborted.IsCancellationRequested ? LeadEnd.Left : LeadEnd.Unkept);
        }
    }

    private async Task RefreshAsync(CachedCall call, CacheFetch fetch, FetchedAnswer fetched, Func<Arrival, Task> forward, CancellationToken bound)
    {
        await using var ended = fetched;
        fetched.RequestAborted = bound;
        await forward(call.Arrival with { Http = fetched.Http, At = time.GetTimestamp(), Trace = null });
        await fetched.EndAsync();
        await fetch.EndAsync(fetched);
    }

    // Nobody need wait for what will not be kept.
    private void Unkept(CachedCall call, UnderWay.Lead? own, bool isLasting)
    {
        if (isLasting)
        {
            call.Cache.Answers.Pass(call.Target, call.Whom, time);
        }

        own?.End(LeadEnd.Unkept);
    }
}
