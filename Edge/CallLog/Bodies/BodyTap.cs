using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>Notes the beginning of what a client sends and is sent while it passes, for calls whose bodies are kept. What it holds is in clear, in this edge's memory, until it is redacted.</summary>
internal sealed class BodyTap
{
    private readonly BodyBuffer _buffer;
    private readonly HttpContext _http;
    private readonly BodyPart _request;
    private readonly BodyPart _answer;

    private BodyTap(BodyBuffer buffer, in Arrival arrival, Caller? caller, CompiledBodyLogging rules)
    {
        (_buffer, _http, Rules, RequestId) = (buffer, arrival.Http, rules, arrival.RequestId);
        (Tenant, User) = (caller?.Identity.Tenant ?? IEdgeUsageGrain.PublicTenant, caller?.Identity.User ?? "");
        (_request, _answer) = (new BodyPart(rules.Declared.MaxSize), new BodyPart(rules.Declared.MaxSize));
        _request.Describe(_http.Request.Headers, rules.Declared.Headers);
    }

    /// <summary>What is kept and what is not.</summary>
    public CompiledBodyLogging Rules { get; }

    /// <summary>The call's.</summary>
    public string RequestId { get; }

    /// <summary>Whose it is.</summary>
    public string Tenant { get; }

    /// <summary>The user whom the key stands for; empty: none.</summary>
    public string User { get; }

    /// <summary>Begins, where the call's bodies are to be kept and there is room for them.</summary>
    /// <param name="buffer">Where they wait.</param>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Null: without a key.</param>
    /// <param name="rules">What is kept.</param>
    /// <param name="sent">The client's body where it was read already; null: it is noted while it is read.</param>
    public static void Begin(BodyBuffer buffer, in Arrival arrival, Caller? caller, CompiledBodyLogging rules, ReadOnlyMemory<byte>? sent = null)
    {
        if (!rules.Takes(caller?.Identity.Tenant ?? IEdgeUsageGrain.PublicTenant, Chance.Next()) || !buffer.TryTake(2L * rules.Declared.MaxSize))
        {
            return;
        }

        var (tap, http) = (new BodyTap(buffer, arrival, caller, rules), arrival.Http);
        if (sent is { } whole)
        {
            tap._request.Add(whole.Span);
        }
        else
        {
            http.Request.Body = new ReadTap(http.Request.Body, tap._request);
        }

        http.Response.Body = new WriteTap(http, http.Response.Body, tap._answer, rules.Declared.Headers);
        http.Response.OnCompleted(static state => ((BodyTap)state).EndAsync(), tap);
    }

    /// <summary>What is kept of it, once it is no more needed in clear.</summary>
    public CallBody Redact(DateTimeOffset arrived) => new(
        RequestId, User, arrived, Rules.Declared.Days, Redact(_request.Headers), _request.Redact(Rules), Redact(_answer.Headers), _answer.Redact(Rules));

    /// <summary>Gives its room back.</summary>
    public void Leave() => _buffer.Leave(2L * Rules.Declared.MaxSize);

    private ImmutableArray<string> Redact(ImmutableArray<string> headers) => [.. headers.Select(header => Detectors.Redact(header, Rules))];

    private Task EndAsync()
    {
        _answer.Describe(_http.Response.Headers, Rules.Declared.Headers);
        _buffer.Add(this);
        return Task.CompletedTask;
    }
}
