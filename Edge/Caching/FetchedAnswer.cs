using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Caching;

/// <summary>What becomes of an answer that is fetched.</summary>
[Flags]
internal enum Course
{
    /// <summary>It is thrown away: another one takes its place.</summary>
    None = 0,

    /// <summary>It goes to the client as it comes.</summary>
    Pass = 1,

    /// <summary>It is kept.</summary>
    Keep = 2,
}

/// <summary>
/// A request that a cache makes, in a context of its own: the ways of forwarding serve it as they serve a client's, and what comes goes to the client, is kept, or neither. It needs
/// nothing of the client's context but its answer, so that it may go on where the client's request has ended.
/// </summary>
internal sealed class FetchedAnswer : WrittenBody, IHttpRequestLifetimeFeature
{
    private readonly Func<FetchedAnswer, Course> _judge;
    private readonly HttpContext? _client;
    private readonly long _most;
    private MemoryStream? _kept;
    private Course? _course;
    private bool _isAborted;

    /// <summary>Begins one.</summary>
    /// <param name="request">What the client asks for; it is copied, and may end.</param>
    /// <param name="client">Who is answered; null: nobody.</param>
    /// <param name="most">The most bytes that are kept.</param>
    /// <param name="aborted">Ends it.</param>
    /// <param name="judge">Tells what becomes of the answer once its head is there.</param>
    public FetchedAnswer(HttpContext request, HttpContext? client, long most, CancellationToken aborted, Func<FetchedAnswer, Course> judge)
    {
        (_client, _most, _judge, RequestAborted) = (client, most, judge, aborted);
        var from = request.Request;
        var headers = new HeaderDictionary(from.Headers.Count);
        foreach (var (name, value) in from.Headers)
        {
            headers[name] = value;
        }

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = from.Method, Scheme = from.Scheme, Protocol = HttpProtocol.Http11, PathBase = from.PathBase.Value ?? "", Path = from.Path.Value ?? "", QueryString = from.QueryString.Value ?? "",
            RawTarget = request.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "", Headers = headers, Body = Null,
        });
        features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = request.Connection.RemoteIpAddress, RemotePort = request.Connection.RemotePort });
        features.Set<IHttpResponseFeature>(new Head(this));
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(this));
        features.Set<IHttpRequestLifetimeFeature>(this);
        Http = new DefaultHttpContext(features);
    }

    /// <summary>The context in which it is forwarded.</summary>
    public HttpContext Http { get; }

    /// <summary>What became of it; null: it has no head yet.</summary>
    public Course? Course => _course;

    /// <summary>Ends it.</summary>
    public CancellationToken RequestAborted { get; set; }

    /// <summary>The body, whole; null: it was not kept, or did not come to its end.</summary>
    public byte[]? Body { get; private set; }

    /// <summary>It was forwarded to its end.</summary>
    public async Task EndAsync()
    {
        await Http.Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
        var isBroken = _isAborted || Http.Features.Get<BrokenAnswer>() is not null || RequestAborted.IsCancellationRequested;
        if (_course is null && !isBroken)
        {
            Decide();
        }

        var length = Http.Response.ContentLength;
        if (!isBroken && _kept is { } kept && (length is null || length == kept.Length || HttpMethods.IsHead(Http.Request.Method)))
        {
            Body = kept.ToArray();
        }

        if (isBroken && _course is { } course && course.HasFlag(Caching.Course.Pass) && _client is not null)
        {
            BrokenAnswer.Abort(_client);
        }
    }

    /// <summary>What of its headers is kept: not what tells of this moment, this client or its connection.</summary>
    /// <param name="hasCors">Whether what pages may read it is the gateway's to say.</param>
    public ImmutableArray<KeyValuePair<string, StringValues>> KeptHeaders(bool hasCors) =>
    [
        .. Http.Response.Headers.Where(h => HeaderRules.MayBeOfAnswer(h.Key) && !HeaderRules.IsOfRates(h.Key) && !h.Key.Equals("age", StringComparison.OrdinalIgnoreCase)
            && !(hasCors && h.Key.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase))),
    ];

    public void Abort() => _isAborted = true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var course = _course ?? Decide();
        if (_kept is not null)
        {
            if (_kept.Length + buffer.Length > _most)
            {
                await _kept.DisposeAsync();
                _kept = null;
            }
            else
            {
                await _kept.WriteAsync(buffer, cancellationToken);
            }
        }

        if (course.HasFlag(Caching.Course.Pass))
        {
            await _client!.Response.Body.WriteAsync(buffer, cancellationToken);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _course is { } course && course.HasFlag(Caching.Course.Pass) ? _client!.Response.Body.FlushAsync(cancellationToken) : Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _kept?.Dispose();
        }

        base.Dispose(disposing);
    }

    private Course Decide()
    {
        var course = _judge(this);
        _course = course;
        if (course.HasFlag(Caching.Course.Keep))
        {
            _kept = new MemoryStream();
        }

        return course;
    }

    /// <summary>The answer's head: begun once it is decided what becomes of it.</summary>
    private sealed class Head(FetchedAnswer fetched) : HttpResponseFeature
    {
        public override bool HasStarted => fetched._course is not null;
    }

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
