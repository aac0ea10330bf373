using System.Collections.Immutable;
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

/// <summary>A kept answer that is to be given.</summary>
/// <param name="Kept">As it is kept.</param>
/// <param name="Told">As it is told.</param>
/// <param name="Age">How old it is.</param>
/// <param name="How">Why it is given.</param>
internal readonly record struct KeptAnswer(StoredAnswer Kept, PooledBytes Told, TimeSpan Age, CacheOutcome How);

/// <summary>Gives kept answers of models: admitted and settled as a request that used no tokens.</summary>
internal sealed class KeptGiving(Meter meter, RecentCalls calls, TimeProvider time)
{
    private const int Whole = 100;

    /// <summary>Gives one to a client whom nothing was sent yet. Returns whether it was let in, and may have been charged.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="call">The last attempt, which is not made, or has failed.</param>
    /// <param name="tags">As the client gave them.</param>
    /// <param name="answer">What is given.</param>
    public async Task<bool> GiveAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, KeptAnswer answer)
    {
        using var told = answer.Told;
        var (http, target, model) = (arrival.Http, call.Matched.Target, call.Matched.Model.Resource.Name);
        var said = answer.Kept.Said!;
        var (cost, charge) = CostOf(call, said, caller);
        var ask = new Ask(model, 0, 0, target.Prices?.At(time.GetUtcNow()))
        {
            PriceName = target.Prices?.NameUnder(arrival.Revision.Head.Revision),
            Fixed = charge,
            Attempt = new Attempt(arrival.RequestId, (call.Trial?.Number ?? 0) + 1, arrival.At, target.Label, tags, IsRecorded: true) { Prompt = arrival.Prompt },
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
            Saved = new SavedUse(1, said.Tokens.Input + said.Tokens.Output, cost - charge),
            AnsweredAt = time.GetTimestamp(),
        };
        call.CacheAsk!.Cache.CountGiven(answer.How, cost - charge);
        try
        {
            Stamp(arrival, call, answer, reservation, ask.Price is null ? null : charge);
            await http.Response.BodyWriter.WriteAsync(told.Memory, http.RequestAborted);
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

    private void Stamp(in Arrival arrival, ModelCall call, in KeptAnswer answer, Reservation reservation, long? cost)
    {
        var (http, target, kept) = (arrival.Http, call.Matched.Target, answer.Kept);
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
        if (answer.How is CacheOutcome.Stale)
        {
            Answers.StampAttempts(http, call.Trial);
        }

        // That another tenant has asked the same is not told.
        if (call.CacheAsk!.IsOfAnother(kept))
        {
            return;
        }

        response.Headers.Age = HeaderUtilities.FormatNonNegativeInt64((long)answer.Age.TotalSeconds);
        if (answer.How is CacheOutcome.Collapsed)
        {
            CacheStatus.Forwarded(response.Headers, "miss", isCollapsed: true);
        }
        else if (answer.How is CacheOutcome.Hit)
        {
            CacheStatus.Hit(response.Headers, kept.Life.Fresh - answer.Age);
        }
    }
}
