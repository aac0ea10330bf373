using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Calls;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Idempotency;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Prompts;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Tokens;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>The way of a request for a model: identify → match → admit → forward → settle.</summary>
internal sealed class ModelCalls(Identification identification, Meter meter, ModelForwarding forwarding, WatchedSplits splits, RecentCalls calls, EdgeDrain drain, IdempotentCalls idempotent, CountingTurns turns, TimeProvider time)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival, ModelOperation operation)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(http);
        if (caller is null)
        {
            await Answers.WriteErrorAsync(http, error!);
            calls.Note(arrival, EndedCall.Refused(error!.Status));
            return;
        }

        if (!CallTags.TryRead(http.Request, out var tags, out error))
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        using var body = new PooledBytes((int)Math.Clamp(http.Request.ContentLength ?? 0, 1024, RequestBodies.Most));
        error = await RequestBodies.ReadAsync(http, body);
        if (error is not null)
        {
            await Answers.WriteErrorAsync(http, error);
            return;
        }

        var prompt = PromptCalls.MayBe(arrival, body.Memory.Span) ? await PromptCalls.RenderAsync(arrival, caller, operation, body.Memory) : default;
        if (prompt.Error is { } unrendered)
        {
            await Answers.WriteErrorAsync(http, unrendered);
            calls.Note(arrival, EndedCall.Refused(unrendered.Status, caller));
            return;
        }

        // Who may use a prompt may use its model by it.
        var (asked, allowed) = prompt.Body.IsEmpty ? (body.Memory, caller.Identity.Models) : (prompt.Body, []);
        if (Match(arrival, caller, operation, asked, allowed, out var call, out var edited, out var length) is { } fault)
        {
            await Answers.WriteErrorAsync(http, fault);
            return;
        }

        try
        {
            var sent = edited is null ? asked : edited.AsMemory(0, length);
            var keys = IdempotentCalls.KeyOf(http);
            if (keys.Count == 0)
            {
                await AdmitAsync(arrival, caller, call!, tags, sent);
            }
            else
            {
                await ServeOnceAsync(arrival, caller, call!, tags, keys, body.Memory, sent);
            }
        }
        finally
        {
            if (edited is not null)
            {
                ArrayPool<byte>.Shared.Return(edited);
            }
        }
    }

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private Task ServeOnceAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, StringValues keys, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> sent) =>
        idempotent.ServeAsync(arrival, caller, keys, came, () => AdmitAsync(arrival, caller, call, tags, sent));

    private ClientError? Match(
        in Arrival arrival, Caller caller, ModelOperation operation, ReadOnlyMemory<byte> memory, ImmutableArray<string> allowed, out ModelCall? call, out byte[]? edited, out int length)
    {
        (call, edited, length) = (null, null, 0);
        var body = memory.Span;
        var embeds = operation == ModelOperation.Embeddings;
        var client = DialectTable.OfPath(arrival.Http.Request.Path.Value);
        var fault = default(RequestFault);
        var scan = embeds ? RequestScan.Read(body, InputField.Input, out fault) : client.Scan(memory, arrival.Http.Request.Path.Value, out fault);
        if (fault is not null)
        {
            return new ClientError(400, fault.Message, "invalid_request", fault.Field);
        }

        if (scan.Stream && client.WhyNoStream(arrival.Http.Request.QueryString.Value) is { } no)
        {
            return new ClientError(400, $"'{no.Field}': {no.Why}.", "invalid_request", no.Field);
        }

        if (ModelMatching.Find(arrival.Revision, allowed, scan.ModelIn(body), out var error, out var written) is not { } matched)
        {
            calls.Note(arrival, EndedCall.Refused(error!.Status, caller, model: written));
            return error;
        }

        var model = matched.Model.Resource;
        var provider = DialectTable.Of(matched.Target.Provider.Dialect);
        if (embeds && provider != client)
        {
            return new ClientError(400, $"The model '{model.Name}' gives no embeddings: its provider's dialect, {provider.Name}, has none.", "invalid_request", "model");
        }

        var chat = operation == ModelOperation.Chat;
        var binds = operation != ModelOperation.CountTokens && meter.BindsTokens(arrival.Revision, caller, model.Name);
        if (binds && model.ContextTokens is null && scan.Input.UnboundPlace is { } place)
        {
            return new ClientError(
                400,
                $"'{place}' is of type '{scan.Input.UnboundType}', whose tokens cannot be known before it is sent, and a limit or budget of tokens or money binds this key. " +
                $"Send its content as text, or have 'contextTokens' declared for the model '{model.Name}'.",
                "unbounded_input",
                place);
        }

        var cap = scan.MaxTokens ?? model.MaxOutputTokens;
        var sent = new SentBody(memory, scan, client, provider, matched, chat && (binds || provider.AsksForCap) ? cap : null);
        if (sent.TryMake(chat, binds, out edited, out length) is { } refused)
        {
            return refused;
        }

        var isBounded = scan.Input.UnboundPlace is null;
        var proven = TokenBounds.OfText(Math.Max(body.Length, length)) + provider.AddedTokens + (scan.Input.Images * InputCount.DearestImage(matched.Target.Images));
        var inputBound = operation == ModelOperation.CountTokens ? 0 : TokenBounds.Input(model, proven, isBounded);
        call = new ModelCall(operation, matched, inputBound, chat ? TokenBounds.Output(model, scan.MaxTokens, scan.Answers) : 0, scan.Kinds, scan.Stream, sent.HidesUsage)
        {
            Client = client,
            Provider = provider,
            Losses = sent.Losses,
            Conversation = operation is ModelOperation.CountTokens ? sent.Conversation : null,
            IncludesUsage = sent.IncludesUsage,
            Input = isBounded && body.Length <= CountingTurns.LongestBody ? memory : default,
            Images = scan.Input.Images,
            Answers = chat ? scan.Answers : 0,
            Turns = turns,
        };
        return null;
    }

    // Whether it was executed, and may have been charged.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AdmitAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> body)
    {
        var model = call.Matched.Model.Resource;
        var prices = call.Matched.Target.Prices;
        var ask = new Ask(model.Name, call.InputBound, call.OutputBound, prices?.At(time.GetUtcNow()))
        {
            MarkUp = prices?.MarkUpOf(caller.Identity.Tenant) ?? 0,
            Kinds = call.Kinds,
            PriceName = prices?.NameUnder(arrival.Revision.Head.Revision),
            Tighter = call,
            Answers = call.Answers,
            IsStreamed = call.Stream && call.Operation == ModelOperation.Chat,
            Attempt = new Attempt(arrival.RequestId, 1, arrival.At, call.Matched.Target.Label, tags, IsRecorded: true),
        };
        var (reservation, refusal) = await meter.AdmitAsync(arrival.Revision, caller, ask, arrival.Http.RequestAborted);
        if (reservation is null)
        {
            await Answers.WriteErrorAsync(arrival.Http, RefusalErrors.Tell(refusal!));
            calls.Note(arrival, EndedCall.Refused(arrival.Http.Response.StatusCode, caller, model.Name, model.Name));
            return false;
        }

        var tally = splits.OfModel(call.Matched.Model, call.Matched.Target);
        var begun = tally is null ? 0 : time.GetTimestamp();

        // Until the provider told otherwise, all that was reserved counts: a request that fails in an unknown way may have been billed.
        var settlement = new Settlement(UsageSource.Reserved, default, call.Matched.Target.Label, StatusCodes.Status500InternalServerError);
        try
        {
            settlement = reservation.OutputBound == call.OutputBound
                ? await forwarding.ForwardAsync(arrival, call, body, reservation, time)
                : await ForwardLoweredAsync(arrival, call, body, reservation);
        }
        finally
        {
            var cost = reservation.Settle(settlement);
            var counted = settlement.Source is UsageSource.Reserved ? settlement with { Tokens = reservation.Reserved } : settlement;
            calls.Note(arrival, new EndedCall(caller, model.Name, settlement.Target, call.Matched.Draw, model.Name, call.Matched.IsShaped, call.Stream, counted));
            if (tally is not null)
            {
                Count(tally, settlement, begun, cost);
            }

            reservation.Dispose();
        }

        return settlement.Source is not UsageSource.None;
    }

    // A budget covers less of an answer than was asked for.
    private async ValueTask<Settlement> ForwardLoweredAsync(Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation)
    {
        var lowered = Lower(call.Provider, body, reservation.OutputBound / call.Answers, out var length);
        try
        {
            return await forwarding.ForwardAsync(arrival, call, lowered.AsMemory(0, length), reservation, time);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lowered);
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
