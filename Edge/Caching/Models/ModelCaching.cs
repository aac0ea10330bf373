using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Caching.Models;

/// <summary>
/// Answers of models that name a <c>Cache</c>: given again to who asks for the same of the same target. Promised: nothing kept for one tenant is given to another unless that is declared, nor
/// what was kept before a purge or under another declaration; what is given again is admitted and settled as a request that used no tokens. See docs/caching.md.
/// </summary>
internal sealed class ModelCaching(Meter meter, RecentCalls calls, TimeProvider time)
{
    private const int Whole = 100;

    /// <summary>Answers a request from what is kept; false: its target is to be asked.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="call">The first attempt, of a model with a cache.</param>
    /// <param name="tags">As the client gave them.</param>
    /// <param name="served">Ends with the answer; whether it was executed, and may have been charged.</param>
    public bool TryServe(in Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, [NotNullWhen(true)] out Task<bool>? served)
    {
        served = null;
        var ask = call.CacheAsk!;
        if (ask.Bypass is { } bypass)
        {
            Pass(arrival, ask, bypass, CacheOutcome.Bypass);
            return false;
        }

        var kept = ask.Find(time);
        var age = kept is null ? TimeSpan.Zero : CachedCall.AgeOf(kept, time);
        var why = kept is null ? "miss" : age >= kept.Life.Fresh ? "stale" : "request";
        if (kept is not null && ask.Said.Takes(kept.Life, age, out _))
        {
            var told = new PooledBytes(kept.Body.Length);
            if (KeptSpeech.TryTell(arrival.Http, call, kept, time.GetUtcNow().ToUnixTimeSeconds(), told))
            {
                served = GiveAsync(arrival, caller, call, kept, told, age, tags);
                return true;
            }

            told.Dispose();
            Answers.Restart(arrival);
            why = "miss";
        }

        if (ask.Said.OnlyIfCached)
        {
            served = RefuseAsync(arrival, caller, call);
            return true;
        }

        Pass(arrival, ask, why, CacheOutcome.Miss);
        return false;
    }

    private static void Pass(in Arrival arrival, CacheAsk ask, string why, CacheOutcome outcome)
    {
        CacheStatus.ForwardedLater(arrival.Http, why);
        ask.Cache.Count(outcome);
    }

    private async Task<bool> RefuseAsync(Arrival arrival, Caller caller, ModelCall call)
    {
        call.Trial?.GiveUp();
        CacheStatus.Forwarded(arrival.Http.Response.Headers, "request");
        await Answers.WriteErrorAsync(arrival.Http, new ClientError(504, "The request asks for what is kept only, and nothing that it takes is.", "not_cached"));
        calls.Note(arrival, EndedCall.Refused(StatusCodes.Status504GatewayTimeout, caller, call.Matched.Model.Resource.Name, call.Matched.Model.Resource.Name));
        return false;
    }

    private async Task<bool> GiveAsync(Arrival arrival, Caller caller, ModelCall call, StoredAnswer kept, PooledBytes told, TimeSpan age, ImmutableArray<string> tags)
    {
        using var bytes = told;
        call.Trial?.GiveUp();
        var (http, target, model) = (arrival.Http, call.Matched.Target, call.Matched.Model.Resource.Name);
        var (cost, charge) = CostOf(call, kept.Said!, caller);
        var ask = new Ask(model, 0, 0, target.Prices?.At(time.GetUtcNow()))
        {
            PriceName = target.Prices?.NameUnder(arrival.Revision.Head.Revision),
            Fixed = charge,
            Attempt = new Attempt(arrival.RequestId, 1, arrival.At, target.Label, tags, IsRecorded: true) { Prompt = arrival.Prompt },
        };
        var (admitted, refusal) = await meter.AdmitAsync(arrival.Revision, caller, ask, http.RequestAborted);
        if (admitted is null)
        {
            Answers.Restart(arrival);
            await Answers.WriteErrorAsync(http, RefusalErrors.Tell(refusal!));
            calls.Note(arrival, EndedCall.Refused(http.Response.StatusCode, caller, model, model) with { Tags = tags });
            return false;
        }

        using var reservation = admitted;
        var settlement = new Settlement(UsageSource.Cached, default, target.Label, StatusCodes.Status200OK)
        {
            Saved = new SavedUse(1, kept.Said!.Tokens.Input + kept.Said.Tokens.Output, cost - charge),
            AnsweredAt = time.GetTimestamp(),
        };
        call.CacheAsk!.Cache.CountHit(cost - charge);
        try
        {
            Stamp(arrival, call, kept, reservation, age, ask.Price is null ? null : charge);
            await http.Response.BodyWriter.WriteAsync(bytes.Memory, http.RequestAborted);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            settlement = settlement with { Status = StatusCodes.Status499ClientClosedRequest };
        }
        finally
        {
            var settled = reservation.Settle(settlement);
            calls.Note(arrival, new EndedCall(caller, model, target.Label, call.Matched.Draw, model, call.Matched.IsShaped, call.Stream, settlement) { CostNano = settled, Tags = tags });
        }

        return true;
    }

    // What it would cost to ask for it anew, by the price of this moment, and what is charged of that.
    private (long Cost, long Charge) CostOf(ModelCall call, SaidAnswer said, Caller caller)
    {
        if (call.Matched.Target.Prices is not { } prices)
        {
            return default;
        }

        var cost = Costs.Of(prices.At(time.GetUtcNow()), said.Tokens, prices.MarkUpOf(caller.Identity.Tenant), said.IsBatch);
        return (cost, Costs.Saturate((((Int128)cost * call.Matched.Model.Cache!.Charge) + Whole - 1) / Whole));
    }

    private void Stamp(in Arrival arrival, ModelCall call, StoredAnswer kept, Reservation reservation, TimeSpan age, long? cost)
    {
        var (http, target) = (arrival.Http, call.Matched.Target);
        var response = http.Response;
        response.StatusCode = kept.Status;
        response.ContentType = call.Stream ? "text/event-stream" : "application/json";
        Answers.StampModel(http, target.Provider.Name, target.Target.Model, reservation, time.GetUtcNow());
        if (call.IsTranslated)
        {
            Translations.StampHead(http, call);
        }
        else
        {
            Translations.Warn(http, call.Losses);
        }

        Answers.StampCost(http, cost);

        // That another tenant has asked the same is not told.
        if (!call.CacheAsk!.IsOfAnother(kept))
        {
            response.Headers.Age = HeaderUtilities.FormatNonNegativeInt64((long)age.TotalSeconds);
            CacheStatus.Hit(response.Headers, kept.Life.Fresh - age);
        }
    }
}
