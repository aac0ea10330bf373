using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tracing;

/// <summary>
/// The trace of one request: its own span, and one for each step. Names are OpenTelemetry's, what they have no name for is under <c>sluice.</c>. No span has a prompt, an answer,
/// a credential, a header or a query; tenants, keys, users and the paths of plain routes by opt-in alone.
/// </summary>
/// <param name="span">Of the request.</param>
/// <param name="tells">The opt-in.</param>
internal sealed class RequestTrace(Activity span, TraceDetails tells)
{
    private const string Status = "http.response.status_code";

    /// <summary>The header that carries it on.</summary>
    public const string Header = "traceparent";

    /// <summary>Its name where it is passed on now: that of the attempt that is under way.</summary>
    public static string? Current => Activity.Current?.Id;

    /// <summary>A step begins, which ends when it is disposed of.</summary>
    /// <param name="name"><c>identify</c>, <c>match</c> or <c>admit</c>.</param>
    public static Activity? Step(string name) => RequestTraces.Source.StartActivity(name);

    /// <summary>Under which revision it is served, by which id and way in.</summary>
    public void Arrived(in Arrival arrival, Surface surface)
    {
        span.SetTag("sluice.request.id", arrival.RequestId).SetTag("sluice.revision", arrival.Revision.Label);
        if (surface is not Surface.Routes)
        {
            Name(TemplateOf(surface, arrival.Http.Request.Path.Value!));
        }
        else if (tells.HasFlag(TraceDetails.Path))
        {
            span.SetTag("url.path", arrival.Http.Request.Path.Value);
        }
    }

    /// <summary>It matched a route.</summary>
    public void Matched(CompiledRoute route)
    {
        Name(route.Resource.Match.Path);
        span.SetTag("sluice.route", route.Resource.Name);
    }

    /// <summary>It asks for a model, by its declared name.</summary>
    public void Matched(ModelCall call) => span.SetTag("sluice.model", call.Matched.Model.Resource.Name);

    /// <summary>It is known from whom it is.</summary>
    public void Identified(Caller? caller)
    {
        if (caller is null || (tells & ~TraceDetails.Path) is TraceDetails.None)
        {
            return;
        }

        Tell(TraceDetails.Tenant, "sluice.tenant", caller.Identity.Tenant);
        Tell(TraceDetails.Key, "sluice.key.id", caller.Identity.KeyId);
        Tell(TraceDetails.User, "user.name", caller.Identity.User);

        void Tell(TraceDetails what, string name, string? value) => span.SetTag(name, tells.HasFlag(what) ? value : null);
    }

    /// <summary>An attempt at a model begins.</summary>
    public static Activity? Attempt(in Arrival arrival, ModelCall call)
    {
        var known = GenAi.TagsOf(call.Matched.Target, call.Operation);
        List<KeyValuePair<string, object?>> tags = [.. known.All];
        tags.Add(new("sluice.attempt", call.Trial?.Number ?? 1));
        if (call.Stream)
        {
            tags.Add(new(GenAi.RequestStream, true));
        }

        if (arrival.Prompt is { } prompt)
        {
            tags.Add(new(GenAi.PromptName, prompt));
        }

        AddServer(tags, known.Address);
        return RequestTraces.Source.StartActivity(known.SpanName, ActivityKind.Client, parentContext: default, tags);
    }

    /// <summary>What came of it.</summary>
    /// <param name="attempt">Its span.</param>
    /// <param name="settlement">What it used.</param>
    /// <param name="sent">The timestamp at which it began.</param>
    /// <param name="time">The clock.</param>
    public static void End(Activity attempt, in Settlement settlement, long sent, TimeProvider time)
    {
        attempt.SetTag(Status, settlement.Status);
        if (settlement.FirstTokenAt != 0)
        {
            attempt.SetTag(GenAi.FirstChunk, time.GetElapsedTime(sent, settlement.FirstTokenAt).TotalSeconds);
            attempt.AddEvent(new ActivityEvent("first token", time.GetUtcNow() - time.GetElapsedTime(settlement.FirstTokenAt)));
        }

        if (settlement.Source is UsageSource.Reported or UsageSource.Partial)
        {
            var used = settlement.Tokens;
            attempt.SetTag(GenAi.InputTokens, used.Input).SetTag(GenAi.OutputTokens, used.Output);
            Tell(GenAi.CachedTokens, used.CachedRead);
            Tell(GenAi.CacheWriteTokens, used.CacheWrite);
            Tell(GenAi.ReasoningTokens, used.Reasoning);
        }

        if (settlement.Status >= 400)
        {
            attempt.SetStatus(ActivityStatusCode.Error).SetTag(GenAi.ErrorType, GenAi.ErrorOf(settlement.Status));
        }

        void Tell(string name, long tokens)
        {
            if (tokens > 0)
            {
                attempt.SetTag(name, tokens);
            }
        }
    }

    /// <summary>An attempt at an upstream begins.</summary>
    /// <param name="method">The request's.</param>
    /// <param name="upstream">Whose address it is.</param>
    /// <param name="address">Where it goes.</param>
    /// <param name="number">From 1.</param>
    public static Activity? Attempt(string method, UpstreamResource upstream, UpstreamAddress address, int number)
    {
        List<KeyValuePair<string, object?>> tags = [new("http.request.method", method), new("sluice.upstream", upstream.Name)];
        if (number > 1)
        {
            tags.Add(new("http.request.resend_count", number - 1));
        }

        AddServer(tags, address.Address);
        return RequestTraces.Source.StartActivity(method, ActivityKind.Client, parentContext: default, tags);
    }

    /// <summary>What came of it.</summary>
    public static void End(Activity attempt, in Forwarded forwarded, int status)
    {
        if (forwarded.Error is { } error)
        {
            attempt.SetStatus(ActivityStatusCode.Error).SetTag(GenAi.ErrorType, error.Code);
            return;
        }

        attempt.SetTag(Status, status);
        if (status >= 400)
        {
            attempt.SetStatus(ActivityStatusCode.Error).SetTag(GenAi.ErrorType, status.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The request has ended.</summary>
    public void End(HttpContext http, RequestOutcome outcome)
    {
        span.SetTag(Status, http.Response.StatusCode);
        if (outcome is RequestOutcome.ServerError or RequestOutcome.Broken)
        {
            span.SetStatus(ActivityStatusCode.Error).SetTag(GenAi.ErrorType, outcome is RequestOutcome.Broken ? "broken" : http.Response.StatusCode.ToString(CultureInfo.InvariantCulture));
        }

        span.Dispose();
    }

    private static void AddServer(List<KeyValuePair<string, object?>> tags, Uri? address)
    {
        if (address is not null)
        {
            tags.Add(new(GenAi.ServerAddress, address.IdnHost));
            tags.Add(new(GenAi.ServerPort, address.Port));
        }
    }

    private static string TemplateOf(Surface surface, string path) => surface switch
    {
        Surface.GenerateContent or Surface.CountTokens or Surface.Embeddings when path.LastIndexOf(':') is var at and >= 0 => $"{Surfaces.GeminiModelsPath}/{{model}}{path[at..]}",
        Surface.Prompt => $"{Surfaces.PromptsPath}{{name}}",
        Surface.Model => $"{(path.StartsWith(Surfaces.ModelsPath, StringComparison.Ordinal) ? Surfaces.ModelsPath : Surfaces.GeminiModelsPath)}/{{model}}",
        Surface.File => $"{Surfaces.FilesPath}/{{id}}",
        Surface.FileContent => $"{Surfaces.FilesPath}/{{id}}{Surfaces.ContentEnd}",
        Surface.Response => $"{Surfaces.ResponsesPath}{{id}}",
        Surface.ResponseCancel => $"{Surfaces.ResponsesPath}{{id}}{Surfaces.CancelEnd}",
        Surface.ResponseItems => $"{Surfaces.ResponsesPath}{{id}}{Surfaces.ItemsEnd}",
        Surface.Batches => Surfaces.BatchesPath,
        _ => path,
    };

    private void Name(string route)
    {
        span.DisplayName = $"{span.OperationName} {route}";
        span.SetTag("http.route", route);
    }
}
