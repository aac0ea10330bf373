using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Every request's way through an edge, in this order: check → take the active revision, with the right to admit under it → (identify → match → admit → forward → settle).
/// The revision is taken once, and kept to the request's end.
/// </summary>
internal sealed class ClientPipeline(
    RevisionAdmission admission, EdgeDrain drain, Load load, RequestIds ids, OpsEndpoints ops, ModelCalls models, ModelList list, RouteCalls routes, ILogger<ClientPipeline> log)
{
    private const string ChatPath = "/v1/chat/completions";
    private const string EmbeddingsPath = "/v1/embeddings";
    private const string ModelsPath = "/v1/models";

    /// <summary>Serves one request; throws nothing that a client could cause.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (ops.IsOps(http))
        {
            await ops.ServeAsync(http);
            return;
        }

        load.Begin();
        try
        {
            await ServeAsync(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has left: there is nobody to tell.
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(http, new ClientError(e.StatusCode, e.StatusCode == 413 ? "The request body is too large." : "The request could not be read.", "bad_request"));
        }
        catch (Exception e)
        {
            log.LogError(e, "A request failed inside the edge: {Method}", http.Request.Method);
            await FailAsync(http, new ClientError(500, "The gateway failed; the request's id is in sluice-request-id.", "internal_error"));
        }
        finally
        {
            load.End();
        }
    }

    private static Task FailAsync(HttpContext http, ClientError error)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        return IsModelPath(http) ? Answers.WriteOpenAIAsync(http, error) : Answers.WriteProblemAsync(http, error);
    }

    private static bool IsModelPath(HttpContext http) => http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    private Task ServeAsync(HttpContext http)
    {
        var admitted = admission.AdmitAsync(http);
        return admitted.IsCompletedSuccessfully ? ServeAsync(http, admitted.Result) : WaitAsync(http, admitted);
    }

    private async Task WaitAsync(HttpContext http, ValueTask<Admitted> admitted) => await ServeAsync(http, await admitted);

    private Task ServeAsync(HttpContext http, Admitted admitted)
    {
        if (admitted.Revision is not { } revision)
        {
            return FailAsync(http, admitted.Error!);
        }

        var arrival = new Arrival(http, revision, ids.Next(), admitted.IsStale, drain.Begun);
        Answers.Stamp(arrival);
        if (RequestChecks.Check(http) is { } wrong)
        {
            http.Response.Headers.Connection = "close";
            return FailAsync(http, wrong);
        }

        return http.Request.Path.Value switch
        {
            ChatPath => Is(http, HttpMethods.Post) ? models.ServeAsync(arrival, ModelOperation.Chat) : RefuseMethodAsync(http, HttpMethods.Post),
            EmbeddingsPath => Is(http, HttpMethods.Post) ? models.ServeAsync(arrival, ModelOperation.Embeddings) : RefuseMethodAsync(http, HttpMethods.Post),
            ModelsPath => Is(http, HttpMethods.Get) ? list.ServeAsync(arrival, null) : RefuseMethodAsync(http, HttpMethods.Get),
            { } path when path.StartsWith($"{ModelsPath}/", StringComparison.Ordinal) => Is(http, HttpMethods.Get) ? list.ServeAsync(arrival, path[(ModelsPath.Length + 1)..]) : RefuseMethodAsync(http, HttpMethods.Get),
            _ => routes.ServeAsync(arrival),
        };
    }

    private static bool Is(HttpContext http, string method) => string.Equals(http.Request.Method, method, StringComparison.Ordinal);

    private static Task RefuseMethodAsync(HttpContext http, string method)
    {
        http.Response.Headers.Allow = method;
        return Answers.WriteOpenAIAsync(http, new ClientError(405, $"This path takes {method}, not {http.Request.Method}.", "method_not_allowed"));
    }
}
