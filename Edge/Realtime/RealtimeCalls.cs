using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Targets;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Realtime;

/// <summary>
/// The way of a realtime connection: identify → match → admit → connect → pass messages both ways → settle. Until the provider has accepted it, whatever is wrong is told as an HTTP answer in OpenAI's form; the
/// connection counts as one request, and each of its responses has a record of its own. See docs/realtime.md.
/// </summary>
internal sealed class RealtimeCalls(
    Identification identification, Trials trials, Meter meter, ProviderConnecting providers, RealtimeSessions sessions, RecentCalls calls, Deadlines deadlines, TimeProvider time, ILoggerFactory logging)
{
    // What a context holds where a model declares none: as long as the longest of the published realtime models.
    private const long UsualContext = 128_000;

    // Asked of these requests alone: as a step of every request's it would allocate for each.
    private readonly WebSocketMiddleware _sockets = new(static _ => Task.CompletedTask, Options.Create(new WebSocketOptions()), logging);

    /// <summary>Serves one connection to its end.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;
        await _sockets.Invoke(http);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await Answers.WriteErrorAsync(http, new ClientError(400, "This path takes web sockets: a GET with 'Upgrade: websocket' of version 13.", "invalid_request"));
            return;
        }

        var key = Identification.KeyOf(http.Request.Headers);
        key = key.Key.IsEmpty ? OfferedProtocols.KeyOf(http) : key;
        var (caller, error) = await identification.IdentifyAsync(arrival, key.Header, key.Key);
        if (caller is null)
        {
            await RefuseAsync(arrival, error!);
            return;
        }

        arrival = arrival.For(caller);
        if (!CallTags.TryRead(http.Request, out var tags, out error))
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        var name = http.Request.Query["model"].ToString();
        if (name.Length == 0)
        {
            await RefuseAsync(arrival, new ClientError(400, "The model is missing: name it in the query, as in /v1/realtime?model=NAME.", "invalid_request", "model"), caller);
            return;
        }

        if (ModelMatching.Find(arrival.Revision, caller, caller.Identity.Models, JsonSerializer.SerializeToUtf8Bytes(name), out error, out var written) is not { } matched)
        {
            await RefuseAsync(arrival, error!, caller, written);
            return;
        }

        Offers.Announce(http, matched.Model.Offer);
        var model = matched.Model.Resource;
        if (trials.BeginRealtime(arrival, caller, matched) is not { } trial)
        {
            await RefuseAsync(arrival, new ClientError(400, $"The model '{model.Name}' takes no realtime connections: none of its targets has a provider of the dialect openai.", "invalid_request", "model"), caller, model.Name);
            return;
        }

        if (model.ContextTokens is null && meter.BindsTokens(arrival.Revision, caller, model.Name))
        {
            await RefuseAsync(
                arrival,
                new ClientError(400, $"What a response reads cannot be known before, and a limit or budget of tokens or money binds this key. Have 'contextTokens' declared for the model '{model.Name}'.", "unbounded_input", "model"),
                caller,
                model.Name);
            return;
        }

        var ask = new Ask(model.Name, 0, 0, null) { Attempt = new Attempt(arrival.RequestId, 1, arrival.At, "", tags, IsRecorded: true) };
        var (reservation, refusal) = await meter.AdmitAsync(arrival.Revision, caller, ask, http.RequestAborted);
        if (reservation is null)
        {
            await RefuseAsync(arrival, RefusalErrors.Tell(refusal!), caller, model.Name);
            return;
        }

        var settlement = new Settlement(UsageSource.None, default, "", StatusCodes.Status500InternalServerError);
        try
        {
            settlement = await ConnectAsync(arrival, caller, matched, trial, ask, reservation, key);
        }
        finally
        {
            trial.End();
            reservation.Settle(settlement);
            reservation.Dispose();
            calls.Note(arrival, new EndedCall(caller, model.Name, settlement.Target, matched.Draw, model.Name, IsShaped: false, Stream: true, settlement) { Tags = tags });
        }
    }

    private static long ContextOf(CompiledModel model) => model.Resource.ContextTokens ?? UsualContext;

    // One target after the other, while nothing went to the client.
    private async Task<Settlement> ConnectAsync(
        Arrival arrival, Caller caller, MatchedModel matched, Trial trial, Ask ask, Reservation connection, (string Header, ReadOnlyMemory<char> Key) key)
    {
        var (http, model) = (arrival.Http, matched.Model);
        var error = new ClientError(503, $"No target of the model '{model.Resource.Name}' could be asked in time.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));
        var label = "";
        while (trial.TryNext())
        {
            var target = trial.Target;
            label = target.Label;
            var response = AskOf(arrival, caller, model, target, ask, trial.Number);
            var (reserved, refusal) = await meter.AdmitAsync(arrival.Revision, caller, response, http.RequestAborted);
            if (reserved is null)
            {
                trial.GiveUp();
                error = RefusalErrors.Tell(refusal!);
                break;
            }

            var status = StatusCodes.Status500InternalServerError;
            var isPassedOn = false;
            try
            {
                var (connected, failure) = await TryAsync(arrival, target, trial);
                if (connected.Socket is { } socket)
                {
                    isPassedOn = true;
                    var charges = new ResponseCharges(arrival, caller, meter, response, HeardOf(arrival, caller, model, target, response), reserved, time);
                    Answers.StampModel(http, target.Provider.Name, target.Target.Model, connection, time.GetUtcNow());
                    return new Settlement(UsageSource.None, default, label, await sessions.RunAsync(arrival, socket, charges, model, key));
                }

                status = http.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : failure!.Status;
                error = failure ?? error;
            }
            finally
            {
                if (!isPassedOn)
                {
                    reserved.Settle(new Settlement(UsageSource.None, default, label, status) { IsFollowed = true });
                    reserved.Dispose();
                    trial.End();
                }
            }

            if (!UpstreamErrors.IsMendable(error.Status) || http.RequestAborted.IsCancellationRequested)
            {
                break;
            }
        }

        if (!http.RequestAborted.IsCancellationRequested)
        {
            await Answers.WriteErrorAsync(http, error);
        }

        return new Settlement(UsageSource.None, default, label, http.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : error.Status);
    }

    // A response reads at most the context, and has at most the model's cap: frames pass as they are, so that none is put into them.
    private Ask AskOf(in Arrival arrival, Caller caller, CompiledModel model, CompiledTarget target, in Ask connection, int attempt) =>
        new(model.Resource.Name, ContextOf(model), model.Resource.MaxOutputTokens, target.Prices?.At(time.GetUtcNow()))
        {
            IsPart = true,
            MarkUp = target.Prices?.MarkUpOf(caller.Identity.Tenant) ?? 0,
            Kinds = TokenKinds.All,
            PriceName = target.Prices?.NameUnder(arrival.Revision.Head.Revision),
            Attempt = connection.Attempt with { Number = attempt + 1, Target = target.Label },
        };

    // Another model of the provider's transcribes what is said. Which one is the session's affair: the table of prices names it by this one.
    private Ask HeardOf(in Arrival arrival, Caller caller, CompiledModel model, CompiledTarget target, in Ask response)
    {
        var prices = model.Resource.Pricing.Table is { } table && arrival.Revision.Plan.Prices.TryGetValue(table, out var found)
            ? found.Find(target.Provider, $"{target.Target.Model}{PriceTable.OfTranscription}")
            : null;
        return new Ask(response.Name, 0, 0, prices?.At(time.GetUtcNow()))
        {
            MarkUp = prices?.MarkUpOf(caller.Identity.Tenant) ?? 0,
            PriceName = prices?.NameUnder(arrival.Revision.Head.Revision),
            Attempt = response.Attempt with { Target = $"{target.Label}{PriceTable.OfTranscription}" },
        };
    }

    private async Task<(Connected Connected, ClientError? Error)> TryAsync(Arrival arrival, CompiledTarget target, Trial trial)
    {
        var (http, provider) = (arrival.Http, target.Provider);
        arrival.Revision.Credentials.TryGetValue(provider.Name, out var credentials);
        if (!provider.Credentials.IsEmpty && (credentials is null || credentials.Values.IsEmpty))
        {
            trial.Broke();
            return (default, UpstreamErrors.NoCredential(provider.Name));
        }

        using var deadline = deadlines.Rent(http.RequestAborted);
        deadline.In(provider.Timeouts.FirstByte);
        var sentAt = time.GetTimestamp();
        try
        {
            var connected = await providers.ConnectAsync(http, target, trial.Credential(credentials), deadline.Token);
            if (connected.Socket is not null)
            {
                trial.Answered(connected.Answer!, time.GetElapsedTime(sentAt), isStream: false);
                return (connected, null);
            }

            if (connected.Answer is not { } answer)
            {
                trial.Broke();
                return (default, UpstreamErrors.ProviderBroken);
            }

            if (UpstreamErrors.IsMendable(answer.Status))
            {
                trial.Refused(answer);
            }

            return (default, Tell(answer));
        }
        catch (OperationCanceledException)
        {
            trial.Broke();
            return (default, deadline.IsEnd ? UpstreamErrors.Ending : UpstreamErrors.ProviderTooLate);
        }
    }

    // That our credential is refused is nothing that the client could mend.
    private static ClientError Tell(HandshakeAnswer answer) => answer.Status switch
    {
        400 => new ClientError(400, "The model's provider refused the connection with status 400.", "invalid_request"),
        404 => new ClientError(404, "The model's provider refused the connection with status 404: it knows no such model, or has no realtime API.", "model_not_found", "model"),
        429 => new ClientError(429, "The model's provider takes no more connections at this time.", "rate_limit_exceeded", RetryAfter: TimeSpan.FromSeconds(1)),
        var status => new ClientError(502, $"The model's provider refused the connection with status {status}.", "upstream_error"),
    };

    private async Task RefuseAsync(Arrival arrival, ClientError error, Caller? caller = null, string? model = null)
    {
        await Answers.WriteErrorAsync(arrival.Http, error);
        calls.Note(arrival, EndedCall.Refused(error.Status, caller, model ?? "", model));
    }
}
