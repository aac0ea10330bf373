using System.Collections.Immutable;
using Sluice.Edge.Caching;
using Sluice.Edge.Caching.Models;
using Sluice.Edge.Calls;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Identity;
using Sluice.Edge.Kept;
using Sluice.Edge.Metering;
using Sluice.Edge.Targets;
using Sluice.Edge.Tokens;
using Sluice.Edge.Tracing;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 2, match, for models: what a body asks for, which target is asked, and what that target is sent.</summary>
internal sealed class ModelPreparation(Meter meter, Trials trials, RecentCalls calls, CountingTurns turns, AnswerStores stores)
{
    /// <summary>Prepares the first attempt; or tells why there is none.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="operation">What for.</param>
    /// <param name="body">As it came, or as its prompt was rendered.</param>
    /// <param name="allowed">The models that may be used.</param>
    /// <param name="call">The attempt.</param>
    /// <param name="edited">What is sent, in a rented buffer; null: what came.</param>
    /// <param name="length">Of what is sent.</param>
    public ClientError? Match(
        in Arrival arrival, Caller caller, ModelOperation operation, ReadOnlyMemory<byte> body, ImmutableArray<string> allowed, out ModelCall? call, out byte[]? edited, out int length)
    {
        (call, edited, length) = (null, null, 0);
        using var step = arrival.Trace is null ? null : RequestTrace.Step("match");
        var client = DialectTable.OfPath(arrival.Http.Request.Path.Value);
        var scan = Scan(arrival, client, operation, body, out var fault);
        if (fault is not null)
        {
            return new ClientError(400, fault.Message, "invalid_request", fault.Field);
        }

        if (ModelMatching.Find(arrival.Revision, caller, allowed, scan.ModelIn(body.Span), out var error, out var written) is not { } matched)
        {
            error = scan.LacksModel ? PassedCalls.NoDefault() : error;
            calls.Note(arrival, EndedCall.Refused(error!.Status, caller, model: written) with { Told = error });
            return error;
        }

        Offers.Announce(arrival.Http, matched.Model.Offer);
        var request = new ScannedRequest(operation, client, body, scan);
        if (!Trials.AreNeeded(arrival.Revision, matched) && !(CacheAsk.IsOf(operation) && matched.Model.Cache is { StaleIfError: var stale } && stale > TimeSpan.Zero))
        {
            return Make(arrival, caller, request, matched, null, out call, out edited, out length);
        }

        return trials.Begin(arrival, caller, request, matched, out var trial) ?? Next(arrival, caller, request, matched, trial!, out call, out edited, out length);
    }

    /// <summary>Prepares the attempt that follows a failed one; false: there is none.</summary>
    public bool TryAgain(in Arrival arrival, Caller caller, ModelCall before, ReadOnlyMemory<byte> body, out ModelCall? call, out byte[]? edited, out int length) =>
        TryHedge(arrival, caller, before, before.Trial!, body, out call, out edited, out length);

    /// <summary>Prepares an attempt beside the one that is under way; false: there is none.</summary>
    public bool TryHedge(in Arrival arrival, Caller caller, ModelCall beside, Trial trial, ReadOnlyMemory<byte> body, out ModelCall? call, out byte[]? edited, out int length)
    {
        var scan = Scan(arrival, beside.Client, beside.Operation, body, out _);
        return Next(arrival, caller, new ScannedRequest(beside.Operation, beside.Client, body, scan), beside.Matched, trial, out call, out edited, out length) is null;
    }

    private static RequestScan Scan(in Arrival arrival, Dialect client, ModelOperation operation, ReadOnlyMemory<byte> body, out RequestFault? fault) =>
        operation is ModelOperation.Chat or ModelOperation.CountTokens ? client.Scan(body, arrival.Http.Request.Path.Value, out fault)
            : operation is ModelOperation.Embeddings ? client.Embeddings!.Scan(body, arrival.Http.Request.Path.Value!, out fault)
            : PassedCalls.TakesForm(operation) ? PassedForm.Read(operation, body.Span, arrival.Http.Request.ContentType!, out fault)
            : PassedScan.Read(operation, body.Span, out fault);

    // What one target cannot be sent another one may be.
    private ClientError? Next(
        in Arrival arrival, Caller caller, in ScannedRequest request, in MatchedModel matched, Trial trial, out ModelCall? call, out byte[]? edited, out int length)
    {
        ClientError? first = null;
        (call, edited, length) = (null, null, 0);
        while (trial.TryNext())
        {
            if (Make(arrival, caller, request, matched.For(trial.Target), trial, out call, out edited, out length) is not { } wrong)
            {
                return null;
            }

            first ??= wrong;
            trial.PassOver();
        }

        return first ?? new ClientError(503, $"No target of the model '{matched.Model.Resource.Name}' could be asked in time.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));
    }

    private ClientError? Make(
        in Arrival arrival, Caller caller, in ScannedRequest request, in MatchedModel matched, Trial? trial, out ModelCall? call, out byte[]? edited, out int length)
    {
        (call, edited, length) = (null, null, 0);
        var (operation, client, memory) = (request.Operation, request.Client, request.Body);
        ref readonly var scan = ref request.Scan;
        var model = matched.Model.Resource;
        var provider = DialectTable.Of(matched.Target.Provider.Dialect);
        var chat = operation == ModelOperation.Chat;
        if (!chat && !PassedCalls.MayGoTo(matched.Target, operation))
        {
            return PassedCalls.Unfit(matched, operation);
        }

        if (scan.PreviousResponse is { } previous && !string.Equals(previous, arrival.Kept?.Previous?.Place, StringComparison.Ordinal))
        {
            // Not one that was opened for the caller.
            return KeptArrivals.NoPrevious();
        }

        if (scan is { IsBackground: true, Stream: true })
        {
            return new ClientError(
                400, "'background' is not supported together with 'stream': what is made after the stream has ended would not be known. Leave out 'stream', and ask for the response by its id.", "invalid_request", "background");
        }

        if (arrival.Kept?.Keeper is { } keeper && !string.Equals(keeper, matched.Target.Provider.Name, StringComparison.Ordinal))
        {
            return KeptInputs.Unfit(keeper, model.Name, matched.Target);
        }

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
        var embeddings = operation is ModelOperation.Embeddings ? EmbeddingsCall.Of(client, provider, arrival.Http.Request.Path.Value!, matched.Target) : null;
        var sent = new SentBody(memory, scan, client, provider, matched, chat && (binds || provider.AsksForCap) ? cap : null) { Embeddings = embeddings };
        var form = PassedCalls.TakesForm(operation) ? SentForm.Of(scan, matched, arrival.Http.Request.ContentType!) : null;
        if (form is null && sent.TryMake(operation, binds, out edited, out length) is { } refused)
        {
            return refused;
        }

        var isBounded = scan.Input.UnboundPlace is null;
        var proven = TokenBounds.OfText(Math.Max(memory.Length, length) - scan.Input.FileExcess) + (chat ? provider.AddedTokens : 0) + (scan.Input.Images * InputCount.DearestImage(matched.Target.Images));
        var inputBound = operation == ModelOperation.CountTokens ? 0 : TokenBounds.Input(model, proven, isBounded);
        var outputBound = chat ? TokenBounds.Output(model, scan.MaxTokens, scan.Answers) : PassedCalls.OutputBound(operation, model, scan);
        call = new ModelCall(operation, matched, inputBound, outputBound, scan.Kinds, scan.Stream, sent.HidesUsage)
        {
            Client = client,
            Provider = provider,
            Trial = trial,
            Form = form,
            Pieces = sent.Pieces,
            Losses = sent.Losses,
            Conversation = operation is ModelOperation.CountTokens ? sent.Conversation : null,
            IncludesUsage = sent.IncludesUsage,
            Embeddings = embeddings,
            Input = isBounded && form is null && memory.Length <= CountingTurns.LongestBody ? memory : default,
            Images = scan.Input.Images,
            Units = scan.Units,
            Answers = chat ? scan.Answers : 0,
            Turns = turns,
            IsBackground = scan.IsBackground,
            Seal = client == provider && arrival.Kept is { } kept && client == DialectTable.Responses ? new ResponseSeal(kept.Ids, matched.Target.Provider.Name, model.Name, kept.Previous) : null,
        };
        if (matched.Model.Cache is { } cache && CacheAsk.IsOf(operation))
        {
            var made = call.Pieces is { } pieces ? PiecedContent.Join(pieces) : edited is null ? memory : edited.AsMemory(0, length);
            call = call with { CacheAsk = CacheAsk.Of(stores.Of(cache), arrival, caller, call, made) };
        }

        return null;
    }
}

/// <summary>A request for a model as it came, and what is known of it.</summary>
/// <param name="operation">What is asked for.</param>
/// <param name="client">What the caller speaks.</param>
/// <param name="body">As it came.</param>
/// <param name="scan">What is known of it.</param>
internal readonly struct ScannedRequest(ModelOperation operation, Dialect client, ReadOnlyMemory<byte> body, in RequestScan scan)
{
    /// <summary>What is known of it: a field, for it is large and read in place.</summary>
    public readonly RequestScan Scan = scan;

    /// <summary>What is asked for.</summary>
    public ModelOperation Operation => operation;

    /// <summary>What the caller speaks.</summary>
    public Dialect Client => client;

    /// <summary>As it came.</summary>
    public ReadOnlyMemory<byte> Body => body;
}
