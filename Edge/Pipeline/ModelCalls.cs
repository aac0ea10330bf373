using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Bodies;
using Sluice.Edge.Caching.Models;
using Sluice.Edge.CallLog.Bodies;
using Sluice.Edge.Calls;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Idempotency;
using Sluice.Edge.Identity;
using Sluice.Edge.Kept;
using Sluice.Edge.Memory;
using Sluice.Edge.Prompts;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>The way of a request for a model: identify → match → admit → forward → settle.</summary>
internal sealed class ModelCalls(Identification identification, ModelPreparation preparation, ModelAttempts attempts, RecentCalls calls, IdempotentCalls idempotent, KeptInputs kept, HeldBodies bodies, BodyBuffer said, ModelCaching caching)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival, ModelOperation operation)
    {
        arrival = calls.Mark(arrival);
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(arrival);
        if (caller is null)
        {
            await Answers.WriteErrorAsync(http, error!);
            calls.Note(arrival, EndedCall.Refused(error!.Status));
            return;
        }

        arrival = arrival.For(caller);

        if (!CallTags.TryRead(http.Request, out var tags, out error))
        {
            await Answers.WriteErrorAsync(http, error!);
            calls.Log(arrival, EndedCall.Refused(error!.Status, caller));
            return;
        }

        var isForm = PassedCalls.TakesForm(operation);
        var (told, most) = (http.Request.ContentLength, isForm ? RequestBodies.MostOfForm : RequestBodies.Most);
        using var held = told > most ? null : bodies.Begin(caller.Identity.Tenant, told);
        using var body = new PooledBytes((int)Math.Clamp(told <= most && held?.Refusal is null ? told.Value : 0, 1024, most));
        error = isForm ? await RequestBodies.ReadFormAsync(http, body, held) : await RequestBodies.ReadAsync(http, body, held);
        if (error is not null)
        {
            await Answers.WriteErrorAsync(http, error);
            calls.Log(arrival, EndedCall.Refused(error.Status, caller));
            return;
        }

        var prompt = operation is ModelOperation.Chat or ModelOperation.CountTokens && PromptCalls.MayBe(arrival, body.Memory.Span) ? await PromptCalls.RenderAsync(arrival, caller, operation, body.Memory) : default;
        if (prompt.Error is { } unrendered)
        {
            await Answers.WriteErrorAsync(http, unrendered);
            calls.Note(arrival, EndedCall.Refused(unrendered.Status, caller));
            return;
        }

        if (PromptCalls.OnlyRenders(arrival))
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = prompt.Body.Length;
            await http.Response.BodyWriter.WriteAsync(prompt.Body, http.RequestAborted);
            return;
        }

        arrival = prompt.Label is null ? arrival : arrival with { Prompt = prompt.Label };

        // Who may use a prompt may use its model by it.
        var (asked, allowed) = prompt.Body.IsEmpty ? (body.Memory, caller.Identity.Models) : (prompt.Body, []);
        var client = operation is ModelOperation.Chat ? DialectTable.OfPath(http.Request.Path.Value) : null;
        var tellsIds = client == DialectTable.Responses;
        if (tellsIds || (client == DialectTable.OpenAI && KeptReferences.MayBeIn(asked.Span)))
        {
            var opened = await kept.OpenAsync(caller, asked, tellsIds, http.RequestAborted);
            if (opened.Error is { } unknown)
            {
                await Answers.WriteErrorAsync(http, unknown);
                calls.Note(arrival, EndedCall.Refused(unknown.Status, caller));
                return;
            }

            (arrival, asked) = (arrival with { Kept = opened.Kept }, opened.Body);
        }

        if (preparation.Match(arrival, caller, operation, asked, allowed, out var call, out var edited, out var length) is { } fault)
        {
            await Answers.WriteErrorAsync(http, fault);
            calls.Log(arrival, EndedCall.Refused(fault.Status, caller));
            return;
        }

        arrival.Marks?.Match();
        if (call!.Matched.Model.LogBodies is { } logging)
        {
            BodyTap.Begin(said, arrival, caller, logging, asked);
        }

        try
        {
            arrival.Trace?.Matched(call!);
            var sent = edited is null ? asked : edited.AsMemory(0, length);
            var keys = IdempotentCalls.KeyOf(http);
            if (keys.Count == 0)
            {
                await AnswerAsync(arrival, caller, call!, tags, asked, sent);
            }
            else
            {
                await ServeOnceAsync(arrival, caller, call!, tags, keys, body.Memory, asked, sent);
            }
        }
        finally
        {
            if (edited is not null)
            {
                ReturnedBuffers.Return(edited);
            }
        }
    }

    private ValueTask<bool> AnswerAsync(in Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, ReadOnlyMemory<byte> asked, ReadOnlyMemory<byte> sent) =>
        call.CacheAsk is null ? attempts.ServeAsync(arrival, caller, call, tags, asked, sent) : new ValueTask<bool>(caching.ServeAsync(arrival, caller, call, tags, asked, sent));

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private Task ServeOnceAsync(Arrival arrival, Caller caller, ModelCall call, ImmutableArray<string> tags, StringValues keys, ReadOnlyMemory<byte> came, ReadOnlyMemory<byte> asked, ReadOnlyMemory<byte> sent) =>
        idempotent.ServeAsync(arrival, caller, keys, came, () => AnswerAsync(arrival, caller, call, tags, asked, sent));
}
