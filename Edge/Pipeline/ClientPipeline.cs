using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Deferred;
using Sluice.Edge.Kept;
using Sluice.Edge.Metrics;
using Sluice.Edge.Portal;
using Sluice.Edge.Prompts;
using Sluice.Edge.Realtime;
using Sluice.Edge.Tls;
using Sluice.Edge.Tracing;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Every request's way through an edge, in this order: check → take the active revision, with the right to admit under it → (identify → match → admit → forward → settle).
/// The revision is taken once, and kept to the request's end.
/// </summary>
internal sealed class ClientPipeline(
    RevisionAdmission admission, EdgeDrain drain, TrustedProxies proxies, ActiveRevision active, EdgeMeter meter, RequestIds ids, ModelCalls models, ModelList list, PromptOpenApi openApi, FeedbackCalls feedback, PortalCalls portal, RouteCalls routes, RealtimeCalls realtime, FileCalls files, ResponseCalls responses, BatchCalls batches, AuthorityChallenges challenges, TimeProvider time, ILogger<ClientPipeline> log, RequestTraces? traces = null, Http3Offer? http3 = null)
{
    /// <summary>Serves one request; throws nothing that a client could cause.</summary>
    public Task HandleAsync(HttpContext http)
    {
        var arrived = time.GetTimestamp();
        proxies.Apply(http);
        var admitted = admission.AdmitAsync(http);
        return admitted.IsCompletedSuccessfully ? HandleAsync(http, admitted.Result, arrived) : WaitAsync(http, admitted, arrived);
    }

    private async Task WaitAsync(HttpContext http, ValueTask<Admitted> admission, long arrived)
    {
        Admitted admitted;
        meter.Wait(begins: true);
        try
        {
            admitted = await admission;
        }
        catch (Exception failure)
        {
            active.InUse.Unadmitted.Begin();
            await TellAsync(http, failure);
            meter.Ended(active.InUse.Unadmitted, BrokenAnswer.Tell(http), time.GetElapsedTime(arrived));
            return;
        }
        finally
        {
            meter.Wait(begins: false);
        }

        await HandleAsync(http, admitted, arrived);
    }

    private async Task HandleAsync(HttpContext http, Admitted admitted, long arrived)
    {
        // From here to the request's end its revision is in use.
        var requests = admitted.Revision?.Requests ?? active.InUse.Unadmitted;
        requests.Begin();
        var trace = traces?.Begin(http, arrived);
        try
        {
            await ServeAsync(http, admitted, arrived, trace);
        }
        catch (Exception failure)
        {
            await TellAsync(http, failure);
        }
        finally
        {
            var outcome = BrokenAnswer.Tell(http);
            meter.Ended(requests, outcome, time.GetElapsedTime(arrived));
            trace?.End(http, outcome);
        }
    }

    private Task TellAsync(HttpContext http, Exception failure)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            // The client has left: there is nobody to tell.
            return Task.CompletedTask;
        }

        if (failure is BadHttpRequestException unreadable)
        {
            return FailAsync(http, new ClientError(
                unreadable.StatusCode, unreadable.StatusCode == 413 ? "The request body is too large." : "The request could not be read.", "bad_request"));
        }

        log.LogError(failure, "A request failed inside the edge: {Method}", http.Request.Method);
        return FailAsync(http, new ClientError(500, "The gateway failed; the request's id is in sluice-request-id.", "internal_error"));
    }

    private static Task FailAsync(HttpContext http, ClientError error)
    {
        if (http.Response.HasStarted)
        {
            BrokenAnswer.Abort(http);
            return Task.CompletedTask;
        }

        return IsModelPath(http) ? Answers.WriteErrorAsync(http, error) : Answers.WriteProblemAsync(http, error);
    }

    private static bool IsModelPath(HttpContext http) => Surfaces.Of(http.Request.Path.Value) is not Surface.Routes || http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    private Task ServeAsync(HttpContext http, Admitted admitted, long arrived, RequestTrace? trace)
    {
        if (admitted.Revision is not { } revision)
        {
            return FailAsync(http, admitted.Error!);
        }

        if (admitted.IsStale)
        {
            meter.Stale();
        }

        var arrival = new Arrival(http, revision, ids.Next(), admitted.IsStale, drain.Begun) { At = arrived, Trace = trace };
        Answers.Stamp(arrival);
        http3?.Tell(arrival);
        if (RequestChecks.Check(http) is { } wrong)
        {
            Answers.Close(http);
            return FailAsync(http, wrong);
        }

        return revision.Plan.ChallengedHosts is { } hosts && AuthorityChallenges.CertificateOf(http.Request, hosts) is { } certificate
            ? ServeChallengeAsync(arrival, certificate, trace)
            : ServeAsync(arrival, trace);
    }

    // Whatever else the host asks of its clients: the authority has no certificate and no key. A token that is none may be a route's.
    private async Task ServeChallengeAsync(Arrival arrival, string certificate, RequestTrace? trace)
    {
        if (!await challenges.TryServeAsync(arrival.Http, certificate))
        {
            await ServeAsync(arrival, trace);
        }
    }

    private Task ServeAsync(Arrival arrival, RequestTrace? trace)
    {
        var (http, revision) = (arrival.Http, arrival.Revision);
        if (revision.Certificates.AsksClients && ClientCertificateRule.Check(http, revision.Certificates) is { } unknown)
        {
            return FailAsync(http, unknown);
        }

        var path = http.Request.Path.Value;
        if (PublishedPrompts.Find(revision, path) is { } prompt)
        {
            path = Surfaces.PromptsPath + prompt;
            http.Request.Path = path;
        }

        var surface = Surfaces.Of(path);
        trace?.Arrived(arrival, surface);
        if (Surfaces.MethodsOf(surface) is { IsEmpty: false } methods && !methods.Contains(http.Request.Method, StringComparer.Ordinal))
        {
            return RefuseMethodAsync(http, string.Join(", ", methods));
        }

        return surface switch
        {
            Surface.GenerateContent when ListedAnswer.IsAskedBy(http.Request) => ListAsync(arrival),
            Surface.Chat or Surface.Messages or Surface.Responses or Surface.GenerateContent or Surface.Prompt => models.ServeAsync(arrival, ModelOperation.Chat),
            Surface.CountTokens => models.ServeAsync(arrival, ModelOperation.CountTokens),
            Surface.Embeddings => models.ServeAsync(arrival, ModelOperation.Embeddings),
            Surface.Realtime => realtime.ServeAsync(arrival),
            Surface.Moderations => models.ServeAsync(arrival, ModelOperation.Moderations),
            Surface.ImageGenerations => models.ServeAsync(arrival, ModelOperation.ImageGenerations),
            Surface.Speech => models.ServeAsync(arrival, ModelOperation.Speech),
            Surface.Transcriptions => models.ServeAsync(arrival, ModelOperation.Transcriptions),
            Surface.AudioTranslations => models.ServeAsync(arrival, ModelOperation.AudioTranslations),
            Surface.ImageEdits => models.ServeAsync(arrival, ModelOperation.ImageEdits),
            Surface.ImageVariations => models.ServeAsync(arrival, ModelOperation.ImageVariations),
            Surface.Feedback => feedback.ServeAsync(arrival),
            Surface.Files or Surface.File or Surface.FileContent => files.ServeAsync(arrival, surface),
            Surface.Response or Surface.ResponseCancel or Surface.ResponseItems => responses.ServeAsync(arrival),
            Surface.Batches or Surface.Batch or Surface.BatchCancel => batches.ServeAsync(arrival, surface),
            Surface.OpenApi => openApi.ServeAsync(arrival),
            Surface.Catalog => portal.ServeCatalogAsync(arrival),
            Surface.Models => list.ServeAsync(arrival, null),
            Surface.Model => list.ServeAsync(arrival, Surfaces.ModelOf(path!)),
            _ => routes.ServeAsync(arrival),
        };
    }

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private Task ListAsync(Arrival arrival) => ListedAnswer.ServeAsync(arrival.Http, () => models.ServeAsync(arrival, ModelOperation.Chat));

    private static Task RefuseMethodAsync(HttpContext http, string method)
    {
        http.Response.Headers.Allow = method;
        return Answers.WriteErrorAsync(http, new ClientError(405, $"This path takes {method}, not {http.Request.Method}.", "method_not_allowed"));
    }
}
