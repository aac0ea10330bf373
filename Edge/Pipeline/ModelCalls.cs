using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>What clients ask of models.</summary>
internal enum ModelOperation
{
    Chat,
    Embeddings,
}

/// <summary>A request for a model after it was matched.</summary>
/// <param name="InputBound">No provider counts more input tokens than this.</param>
/// <param name="OutputBound">The cap of the answer's tokens, over all answers asked for.</param>
/// <param name="HideUsage">Whether the event with the usage is ours, not the caller's.</param>
internal sealed record ModelCall(ModelOperation Operation, MatchedModel Matched, long InputBound, long OutputBound, bool HideUsage);

/// <summary>The way of a request for a model: identify → match → admit → forward → settle.</summary>
internal sealed class ModelCalls(Identification identification, Meter meter, ModelForwarding forwarding)
{
    // Messages cost a few tokens besides their text; the syntax around each is longer than that, and this covers the answer's priming.
    private const long TokensAroundInput = 16;

    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival, ModelOperation operation)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(http);
        if (caller is null)
        {
            await Answers.WriteOpenAIAsync(http, error!);
            return;
        }

        using var body = new PooledBytes((int)Math.Clamp(http.Request.ContentLength ?? 0, 1024, RequestBodies.Most));
        error = await RequestBodies.ReadAsync(http, body);
        if (error is not null)
        {
            await Answers.WriteOpenAIAsync(http, error);
            return;
        }

        if (Match(arrival, caller, operation, body.Span, out var call, out var edited, out var length) is { } fault)
        {
            await Answers.WriteOpenAIAsync(http, fault);
            return;
        }

        try
        {
            await AdmitAsync(arrival, caller, call!, edited is null ? body.Memory : edited.AsMemory(0, length));
        }
        finally
        {
            if (edited is not null)
            {
                ArrayPool<byte>.Shared.Return(edited);
            }
        }
    }

    private ClientError? Match(
        in Arrival arrival, Caller caller, ModelOperation operation, ReadOnlySpan<byte> body, out ModelCall? call, out byte[]? edited, out int length)
    {
        (call, edited, length) = (null, null, 0);
        var chat = operation == ModelOperation.Chat;
        var scan = RequestScan.Read(body, chat ? InputField.Messages : InputField.Input, out var fault);
        if (fault is not null)
        {
            return new ClientError(400, fault.Message, "invalid_request", fault.Field);
        }

        if (ModelMatching.Find(arrival.Revision, caller, scan.Model.In(body), out var error) is not { } matched)
        {
            return error;
        }

        var edits = new BodyEdits(body);
        edits.SetModel(scan, matched.SentName);
        var hide = chat && scan.Stream && !scan.IncludeUsage;
        if (hide)
        {
            edits.AskForUsage(scan);
        }

        var model = matched.Model.Resource;
        var binds = meter.BindsTokens(arrival.Revision, caller);
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
        if (chat && scan.MaxTokens is null && binds)
        {
            edits.BoundAnswer(scan, cap);
        }

        edited = edits.Apply(out length);
        call = new ModelCall(operation, matched, InputBound(scan.Input, body.Length, model.ContextTokens), chat ? cap * scan.Answers : 0, hide);
        return null;
    }

    // No provider reads more than a model's context; of what nothing in the request bounds it may read all of that.
    private static long InputBound(in InputScan input, int bytes, int? context)
    {
        var proven = bytes + TokensAroundInput + (input.Images * InputScan.TokensOfAnImage);
        return context is not { } most ? proven
            : input.UnboundPlace is not null ? most
            : Math.Min(proven, most);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AdmitAsync(Arrival arrival, Caller caller, ModelCall call, ReadOnlyMemory<byte> body)
    {
        var model = call.Matched.Model.Resource;
        var ask = new Ask(model.Name, call.InputBound, call.OutputBound, model.Price);
        var (reservation, refusal) = await meter.AdmitAsync(arrival.Revision, caller, ask, arrival.Http.RequestAborted);
        if (reservation is null)
        {
            await Answers.WriteOpenAIAsync(arrival.Http, RefusalErrors.Tell(refusal!));
            return;
        }

        // Until the provider told otherwise, all that was reserved counts: a request that fails in an unknown way may have been billed.
        var settlement = new Settlement(UsageSource.Reserved, 0, 0, 0, 0, call.Matched.Target.Label, StatusCodes.Status500InternalServerError);
        try
        {
            settlement = await forwarding.ForwardAsync(arrival, call, body, reservation);
        }
        finally
        {
            reservation.Settle(settlement);
        }
    }
}
