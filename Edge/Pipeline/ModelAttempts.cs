using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Deferred;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Identity;
using Sluice.Edge.Memory;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Targets;
using Sluice.Edge.Tracing;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Steps 3 to 5 for models: admit → forward → settle, for one attempt after the other. Each has a reservation and a record of its own; the next one begins when the one before is settled, and
/// only while nothing went to the client.
/// </summary>
internal sealed class ModelAttempts(ModelPreparation preparation, Meter meter, ModelForwarding forwarding, WatchedSplits splits, RecentCalls calls, BackgroundHolds backgrounds, EdgeDrain drain, GenAiMeter models, TimeProvider time)
{
    /// <summary>Serves a request to its end, but for a last failure that its trial holds. Returns whether it was executed, and may have been charged.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="call">The first attempt.</param>
    /// <param name="tags">As the client gave them.</param>
    /// <param name="came">The body as it came.</param>
    /// <param name="sent">As it is sent first.</param>
    public ValueTask<bool> ServeAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> sent) =>
        call.Trial is { } trial ? ServeAsync(arrival, caller, call, trial, tags, came, sent) : TryAsync(arrival, caller, call, tags, sent);

    private async ValueTask<bool> ServeAsync(
        Arrival arrival, Caller caller, ModelCall call, Trial trial, ImmutableArray<string> tags, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> sent)
    {
        var isExecuted = call is { Operation: ModelOperation.Chat, IsBackground: false } && (call.Stream ? call.Matched.Model.Resource.HedgeAfter : call.Matched.Model.Resource.HedgeWholeAfter) is { } after
            ? await HedgeAsync(arrival, caller, call, trial, tags, came, sent, after)
            : await TryAsync(arrival, caller, call, tags, sent);
        while (trial.Failure is { } failure)
        {
            if (arrival.Http.RequestAborted.IsCancellationRequested || !preparation.TryAgain(arrival, caller, call, came, out var next, out var edited, out var length))
            {
                if (!trial.HoldsLast)
                {
                    await TellAsync(arrival, caller, call, tags, failure);
                }

                break;
            }

            try
            {
                isExecuted |= await TryAsync(arrival, caller, next!, tags, edited is null ? came : edited.AsMemory(0, length));
            }
            finally
            {
                if (edited is not null)
                {
                    ReturnedBuffers.Return(edited);
                }
            }
        }

        return isExecuted;
    }

    // A second target is asked beside the first one that has not begun to answer.
    private async Task<bool> HedgeAsync(
        Arrival arrival, Caller caller, ModelCall call, Trial trial, ImmutableArray<string> tags, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> sent, TimeSpan after)
    {
        using var race = new Race(arrival.Http.RequestAborted);
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(arrival.Http.RequestAborted);
        trial.Race.Enter(race);
        var first = TryAsync(arrival, caller, call, tags, sent).AsTask();
        await Task.WhenAny(first, race.Decided, Task.Delay(after, time, decided.Token));
        await decided.CancelAsync();
        var second = trial.Fork();
        if (first.IsCompleted || race.Decided.IsCompleted || !preparation.TryHedge(arrival, caller, call, second, came, out var next, out var edited, out var length))
        {
            var isExecuted = await first;
            trial.Race.Leave();
            return isExecuted;
        }

        try
        {
            if (!race.TryJoin())
            {
                second.GiveUp();
                return await first;
            }

            var executed = await Task.WhenAll(first, TryAsync(arrival, caller, next!, tags, edited is null ? came : edited.AsMemory(0, length)).AsTask());
            return executed[0] | executed[1];
        }
        finally
        {
            trial.Absorb(second);
            if (edited is not null)
            {
                ReturnedBuffers.Return(edited);
            }
        }
    }

    /// <summary>Tells the client how the last attempt failed.</summary>
    public Task TellAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, HeldFailure failure)
    {
        Note(arrival, caller, call, tags, failure.Settlement, cost: null, failure.Error);
        var http = arrival.Http;
        if (failure.Error is { } error)
        {
            Answers.Restart(arrival);
            Answers.StampAttempts(http, call.Trial);
            return Answers.WriteErrorAsync(http, error);
        }

        http.Response.ContentLength = failure.Body!.Length;
        return http.Response.Body.WriteAsync(failure.Body, http.RequestAborted).AsTask();
    }

    // Whether it was executed, and may have been charged.
    private ValueTask<bool> TryAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> body) =>
        call.IsBackground ? new ValueTask<bool>(TryLaterAsync(arrival, caller, call, tags, body)) : TryNowAsync(arrival, caller, call, tags, body);

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private Task<bool> TryLaterAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> body) =>
        backgrounds.TryAsync(arrival, caller, call, AskOf(arrival, caller, call, tags), held => TryNowAsync(arrival, caller, held, tags, body));

    private Ask AskOf(in Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags)
    {
        var prices = call.Matched.Target.Prices;
        return new Ask(call.Matched.Model.Resource.Name, call.InputBound, call.OutputBound, prices?.At(time.GetUtcNow()))
        {
            MarkUp = prices?.MarkUpOf(caller.Identity.Tenant) ?? 0,
            Kinds = call.Kinds,
            Units = call.Units,
            PriceName = prices?.NameUnder(arrival.Revision.Head.Revision),
            Tighter = call,
            Answers = call.Answers,
            IsStreamed = call.Stream && call.Operation == ModelOperation.Chat,
            Attempt = new Attempt(arrival.RequestId, call.Trial?.Number ?? 1, arrival.At, call.Matched.Target.Label, tags, IsRecorded: true) { Prompt = arrival.Prompt },
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TryNowAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> body)
    {
        var trial = call.Trial;
        var model = call.Matched.Model.Resource;
        Reservation? reservation = null;
        Refusal? refusal;
        var (marks, number) = (arrival.Marks, trial?.Number ?? 1);
        var asked = marks?.Now ?? 0;
        try
        {
            (reservation, refusal) = await AdmitAsync(arrival, caller, AskOf(arrival, caller, call, tags), trial?.Race.Aborted(arrival.Http.RequestAborted) ?? arrival.Http.RequestAborted);
        }
        catch (OperationCanceledException) when (trial is { Race.IsLost: true })
        {
            // While it waited to be let in, the one beside it began to answer.
            return false;
        }
        finally
        {
            if (reservation is null)
            {
                trial?.GiveUp();
            }
        }

        if (reservation is null && trial is { Failure: not null } or { Race.IsSilent: true })
        {
            // What the attempt before told is the answer, or what the one beside tells: this one was not let in.
            return false;
        }

        if (reservation is null)
        {
            trial?.Race.TryWin();
            await Answers.WriteErrorAsync(arrival.Http, RefusalErrors.Tell(refusal!));
            calls.Note(arrival, EndedCall.Refused(arrival.Http.Response.StatusCode, caller, model.Name, model.Name) with { Tags = tags });
            return false;
        }

        if (trial is { Failure: not null })
        {
            Answers.Restart(arrival);
            trial.Follow();
        }

        var tally = splits.OfModel(call.Matched.Model, call.Matched.Target);
        var begun = time.GetTimestamp();

        // Until the provider told otherwise, all that was reserved counts: a request that fails in an unknown way may have been billed.
        var settlement = new Settlement(UsageSource.Reserved, default, call.Matched.Target.Label, StatusCodes.Status500InternalServerError);
        try
        {
            settlement = await (arrival.Trace is null ? ForwardAsync(arrival, call, body, reservation) : TraceAsync(arrival, call, body, reservation, begun));
        }
        finally
        {
            var isFollowed = trial is { Failure: not null } or { Race.IsLost: true };
            var cost = reservation.Settle(settlement with { IsFollowed = isFollowed });
            marks?.Add(number, settlement, cost, asked, marks.At(begun));
            if (!isFollowed)
            {
                Note(arrival, caller, call, tags, settlement.Source is UsageSource.Reserved ? settlement with { Tokens = reservation.Reserved } : settlement, cost);
            }

            models.Ended(call, settlement, arrival.At, begun, isLast: !isFollowed);
            trial?.End();
            if (tally is not null)
            {
                Count(tally, settlement, begun, cost);
            }

            reservation.Dispose();
        }

        return settlement.Source is not UsageSource.None;
    }

    private ValueTask<Admission> AdmitAsync(in Arrival arrival, Caller caller, Ask ask, CancellationToken cancellation) =>
        arrival.Trace is null ? meter.AdmitAsync(arrival.Revision, caller, ask, cancellation) : AdmissionTrace.RunAsync(meter, arrival.Revision, caller, ask, cancellation);

    private ValueTask<Settlement> ForwardAsync(in Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation) =>
        reservation.OutputBound == call.OutputBound ? forwarding.ForwardAsync(arrival, call, body, reservation, time) : ForwardLoweredAsync(arrival, call, body, reservation);

    private async ValueTask<Settlement> TraceAsync(Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation, long begun)
    {
        using var attempt = RequestTrace.Attempt(arrival, call);
        var settlement = await ForwardAsync(arrival, call, body, reservation);
        if (attempt is not null)
        {
            RequestTrace.End(attempt, settlement, begun, time);
        }

        return settlement;
    }

    private void Note(in Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, in Settlement settlement, long? cost, ClientError? told = null)
    {
        var model = call.Matched.Model.Resource.Name;
        calls.Note(arrival, new EndedCall(caller, model, settlement.Target, call.Matched.Draw, model, call.Matched.IsShaped, call.Stream, settlement) { CostNano = cost, Units = settlement.UnitsOf(call.Units), Tags = tags, Told = told });
    }

    // A budget covers less of an answer than was asked for.
    private async ValueTask<Settlement> ForwardLoweredAsync(Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation)
    {
        var lowered = Lower(call.Provider, call.Pieces is { } pieces ? PiecedContent.Join(pieces) : body, reservation.OutputBound / call.Answers, out var length);
        try
        {
            return await forwarding.ForwardAsync(arrival, call with { Pieces = null, CacheAsk = null }, lowered.AsMemory(0, length), reservation, time);
        }
        finally
        {
            ReturnedBuffers.Return(lowered);
        }
    }

    private static byte[] Lower(Dialect provider, ReadOnlyMemory<byte> body, long cap, out int length)
    {
        var edits = new BodyEdits(body.Span);
        edits.LowerAnswer(provider.Scan(body, null, out _), cap);
        return edits.Apply(out length) ?? throw new InvalidOperationException("The request that is sent has no cap that could be lowered.");
    }

    private void Count(PartTally tally, in Settlement settlement, long begun, long? cost)
    {
        var status = settlement.Status;
        if (status == StatusCodes.Status503ServiceUnavailable && drain.Begun)
        {
            // Those whom the edge's own end cut off say nothing of a target.
            return;
        }

        // The gateway's credential and the target's name are not the client's: what is said of them is the target's failure.
        var failed = status is >= 500 or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound;
        var answered = status < 400;
        tally.Count(new PartAnswer(
            failed,
            status == StatusCodes.Status429TooManyRequests,
            answered && (settlement.Source is UsageSource.Estimated or UsageSource.Reserved),
            time.GetElapsedTime(begun, settlement.AnsweredAt == 0 ? time.GetTimestamp() : settlement.AnsweredAt),
            answered ? cost : null));
    }
}
