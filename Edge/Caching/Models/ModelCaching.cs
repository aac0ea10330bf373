using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Targets;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Caching.Models;

/// <summary>
/// Answers of models that name a <c>Cache</c>: given again to who asks for the same of the same target, after waiting for one who asks for it at this moment, or where its provider fails.
/// Promised: nothing kept for one tenant is given to another unless that is declared, nor what was kept before a purge or under another declaration; who waits holds nothing of a budget or
/// limit, and goes on by himself whatever became of the one he waited for. See docs/caching.md.
/// </summary>
internal sealed class ModelCaching(ModelAttempts attempts, KeptGiving giving, RecentCalls calls, TimeProvider time)
{
    private readonly UnderWay _underWay = new();

    /// <summary>Serves a request to its end. Returns whether it was executed, and may have been charged.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="call">The first attempt, of a model with a cache.</param>
    /// <param name="tags">As the client gave them.</param>
    /// <param name="came">The body as it came.</param>
    /// <param name="sent">As it is sent first.</param>
    public async Task<bool> ServeAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> sent)
    {
        var ask = call.CacheAsk!;
        if (ask.Bypass is { } bypass)
        {
            CacheStatus.ForwardedLater(arrival.Http, bypass);
            ask.Cache.Count(CacheOutcome.Bypass);
            return await attempts.ServeAsync(arrival, caller, call, tags, came, sent);
        }

        for (var patience = new Patience(ask.Said.NoCache ? TimeSpan.Zero : ask.WaitForSame, time); ;)
        {
            var found = ask.Find(time);
            var kept = found.Answer;
            var age = kept is null ? TimeSpan.Zero : CachedCall.AgeOf(kept, time);
            var fits = kept is not null && ask.Said.Takes(kept.Life, age, out _);
            if (fits && Tell(arrival, call, kept!) is { } told)
            {
                call.Trial?.GiveUp();
                return await giving.GiveAsync(arrival, caller, call, tags, new KeptAnswer(kept!, told, age, patience.HasWaited ? CacheOutcome.Collapsed : CacheOutcome.Hit));
            }

            if (ask.Said.OnlyIfCached)
            {
                return await RefuseAsync(arrival, caller, call);
            }

            UnderWay.Lead? own = null;
            if (!fits && !found.IsPassed && patience.IsLeft && !ask.TryLead(_underWay, out own))
            {
                await patience.WaitAsync(own, arrival.Http.RequestAborted);
                if (arrival.Http.RequestAborted.IsCancellationRequested)
                {
                    return Leave(arrival, caller, call);
                }

                continue;
            }

            if (patience.HasWaited)
            {
                call.Trial?.BeginLater();
            }

            // That another tenant has asked the same is not told.
            var why = fits || kept is null || ask.IsOfAnother(kept) ? "miss" : age >= kept.Life.Fresh ? "stale" : "request";
            ask.Cache.Count(CacheOutcome.Miss);
            return await AskAsync(arrival, caller, call, tags, came, sent, own, kept is not null && ask.TakesStale(kept, age) ? kept : null, CacheStatus.ForwardedLater(arrival.Http, why));
        }
    }

    private async Task<bool> AskAsync(
        Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> sent, UnderWay.Lead? own, StoredAnswer? stale, ToldForward forward)
    {
        var trial = call.Trial;
        var isExecuted = false;
        try
        {
            trial?.HoldsLast = stale is not null;
            isExecuted = await attempts.ServeAsync(arrival, caller, call, tags, came, sent);
        }
        finally
        {
            own?.End(arrival.Http.RequestAborted.IsCancellationRequested ? LeadEnd.Left : LeadEnd.Unkept);
        }

        if (stale is null || trial?.Failure is not { } failure)
        {
            return isExecuted;
        }

        if (arrival.Http.RequestAborted.IsCancellationRequested || failure.Settlement.Status is not (StatusCodes.Status429TooManyRequests or >= 500))
        {
            await attempts.TellAsync(arrival, caller, call, tags, failure);
            return isExecuted;
        }

        return await GiveStaleAsync(arrival, caller, call, tags, stale, forward, failure) || isExecuted;
    }

    private async Task<bool> GiveStaleAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, StoredAnswer stale, ToldForward forward, HeldFailure failure)
    {
        var response = arrival.Http.Response;
        var (status, headers) = (response.StatusCode, response.Headers.ToList());
        Answers.Restart(arrival);
        if (Tell(arrival, call, stale) is { } told)
        {
            (forward.IsHidden, forward.Status) = (call.CacheAsk!.IsOfAnother(stale), failure.Settlement.Status);
            return await giving.GiveAsync(arrival, caller, call, tags, new KeptAnswer(stale, told, CachedCall.AgeOf(stale, time), CacheOutcome.Stale));
        }

        // What the provider said has its head there already.
        response.StatusCode = status;
        foreach (var (name, values) in headers)
        {
            response.Headers[name] = values;
        }

        await attempts.TellAsync(arrival, caller, call, tags, failure);
        return false;
    }

    // Null: it cannot be told in the form that is asked for.
    private PooledBytes? Tell(in Arrival arrival, ModelCall call, StoredAnswer kept)
    {
        var told = new PooledBytes(kept.Body.Length);
        if (KeptSpeech.TryTell(arrival.Http, call, kept, time.GetUtcNow().ToUnixTimeSeconds(), told))
        {
            return told;
        }

        told.Dispose();
        Answers.Restart(arrival);
        return null;
    }

    private async Task<bool> RefuseAsync(Arrival arrival, Caller caller, ModelCall call)
    {
        call.Trial?.GiveUp();
        CacheStatus.Forwarded(arrival.Http.Response.Headers, "request");
        await Answers.WriteErrorAsync(arrival.Http, new ClientError(504, "The request asks for what is kept only, and nothing that it takes is.", "not_cached"));
        calls.Note(arrival, EndedCall.Refused(StatusCodes.Status504GatewayTimeout, caller, call.Matched.Model.Resource.Name, call.Matched.Model.Resource.Name));
        return false;
    }

    private bool Leave(in Arrival arrival, Caller caller, ModelCall call)
    {
        call.Trial?.GiveUp();
        calls.Note(arrival, EndedCall.Refused(StatusCodes.Status499ClientClosedRequest, caller, call.Matched.Model.Resource.Name, call.Matched.Model.Resource.Name));
        return false;
    }
}
