using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Edge.Upstreams;
using Sluice.Edge.Upstreams.Http1;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Forwards what most requests are: HTTP/1.1 without TLS to the upstream, with no body or a small one, which is read whole first. Everything else goes through YARP.
/// </summary>
internal sealed class DirectForwarding(Deadlines deadlines, FailedAttempts failures)
{
    /// <summary>The most bytes of a body that is read whole before it is sent on.</summary>
    public const int MostBody = 256 * 1024;

    /// <summary>Whether a request is one of these.</summary>
    public static bool Takes(HttpRequest request, UpstreamAddress address) =>
        address.Direct is not null && request.Headers.TransferEncoding.Count == 0 && request.Headers.Upgrade.Count == 0 && request.ContentLength is null or <= MostBody && !HasUntoldBody(request);

    // In frames a body may come without a word of it in the headers, and a WebSocket has none at first.
    private static bool HasUntoldBody(HttpRequest request) => request.ContentLength is null && FramedHeaders.AreOf(request)
        && (HttpMethods.IsConnect(request.Method) || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true });

    /// <summary>Forwards; what it returns is to be told where the client is still there and nothing was answered yet.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="upstream">To whom.</param>
    /// <param name="address">At which address.</param>
    /// <param name="access">Whether the caller's key is the gateway's own.</param>
    /// <param name="edit">What the route changes; null: nothing.</param>
    /// <param name="latest">The timestamp by which all is to be over; null: none.</param>
    /// <param name="clock">Not null: the time of the answer's first byte is of interest.</param>
    /// <param name="attempt">Of a guarded upstream: what is told of the attempt.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Forwarded> SendAsync(Arrival arrival, UpstreamResource upstream, UpstreamAddress address, RouteAccess access, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt)
    {
        var http = arrival.Http;
        var answeredAt = 0L;
        using var deadline = deadlines.Rent(http.RequestAborted);
        if (latest is { } end)
        {
            deadline.NotAfter(end);
        }

        try
        {
            using var own = attempt?.Body is null && http.Request.ContentLength is { } length ? new PooledBytes((int)length) : null;
            if (own is not null)
            {
                await RequestBodies.TryReadAsync(http, own, MostBody);
            }

            deadline.In(attempt?.FirstByte ?? upstream.Timeouts.FirstByte);
            using var answer = await ExchangeAsync(arrival, address, access, edit, attempt?.Body ?? own, deadline.Token);
            if (attempt?.Leaves(answer.Status) is true)
            {
                return default;
            }

            answeredAt = clock?.GetTimestamp() ?? 0;
            deadline.In(upstream.Timeouts.Idle);
            Begin(arrival, answer, edit);
            await PassAsync(http, answer, deadline, upstream.Timeouts.Idle);
            return new Forwarded(null, answeredAt);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            attempt?.Fail(FailureOf(http, e, deadline));
            if (e is not BadHttpRequestException && !deadline.IsEnd && !http.RequestAborted.IsCancellationRequested)
            {
                failures.Tell(upstream.Name, address.Text, e);
            }

            return new Forwarded(Tell(http, e, deadline, upstream.Name), answeredAt);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Http1Connection> ExchangeAsync(Arrival arrival, UpstreamAddress address, RouteAccess access, RouteEdit? edit, PooledBytes? body, CancellationToken cancellation)
    {
        var request = arrival.Http.Request;
        var pool = address.Direct!;
        var method = request.Method;
        using var head = new RequestHead();
        head.Begin(method, address.PathStart, (edit?.Path ?? request.Path).ToUriComponent(), (edit?.Query ?? request.QueryString).ToUriComponent(), edit?.HostBytes ?? address.HostHeader);
        RouteHeaders.Write(arrival, access, edit, head, static (to, name, value) => to.Add(name, value));
        return await Http1Exchange.SendAsync(pool, head, body?.Memory, HttpMethods.IsHead(method), IsIdempotent(method), cancellation);
    }

    /// <summary>Whether a method is idempotent: RFC 9110 §9.2.2.</summary>
    public static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);

    private static void Begin(in Arrival arrival, Http1Connection answer, RouteEdit? edit)
    {
        var response = arrival.Http.Response;
        response.StatusCode = answer.Status;
        ISet<string>? nominated = null;
        foreach (var line in answer.Headers)
        {
            if (line.Kind is HeaderKind.Connection)
            {
                nominated = NominatedHeaders.Of(line.Value);
            }
        }

        foreach (var line in answer.Headers)
        {
            if (line.PassesFromUpstream && nominated?.Contains(line.Name) is not true && !(line.IsOfRates && response.Headers.ContainsKey(line.Name)))
            {
                Http1Connection.Put(response, line);
            }
        }

        edit?.ApplyToAnswer(response.Headers);
        if (answer.Framing is Framing.Length || (answer.Framing is Framing.None && answer.Length is not null && answer.Status is not 204))
        {
            response.ContentLength = answer.Length;
        }
    }

    private static async ValueTask PassAsync(HttpContext http, Http1Connection answer, Deadline deadline, TimeSpan idle)
    {
        if (answer.Framing is Framing.None)
        {
            return;
        }

        var output = http.Response.BodyWriter;
        var rest = answer.Framing is Framing.Length ? answer.Length!.Value : long.MaxValue;
        while (rest > 0 && await answer.ReadAsync(output.GetMemory()) is var count and > 0)
        {
            output.Advance(count);
            rest -= count;
            await output.FlushAsync(http.RequestAborted);
            deadline.In(idle);
        }
    }

    private static TryFailure FailureOf(HttpContext http, Exception failure, Deadline deadline) =>
        http.RequestAborted.IsCancellationRequested || failure is BadHttpRequestException ? TryFailure.None
        : failure is HttpRequestException ? TryFailure.Connect
        : deadline.Passed ? TryFailure.Timeout
        : failure is OperationCanceledException ? TryFailure.Connect
        : TryFailure.Reset;

    private static ClientError? Tell(HttpContext http, Exception failure, Deadline deadline, string upstream)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return null;
        }

        if (http.Response.HasStarted)
        {
            // What has gone out cannot be taken back: the client must see that it is not whole.
            BrokenAnswer.Abort(http);
        }

        return deadline.IsEnd ? UpstreamErrors.Ending
            : deadline.Passed || failure is OperationCanceledException ? UpstreamErrors.TooLate(upstream)
            : UpstreamErrors.Broken(upstream);
    }
}

/// <summary>How a request was forwarded.</summary>
/// <param name="Error">What went wrong by the upstream's fault or the edge's end; null: nothing, or the client left.</param>
/// <param name="AnsweredAt">The timestamp of the answer's first byte; 0: there was none, or it was of no interest.</param>
internal readonly record struct Forwarded(ClientError? Error, long AnsweredAt);
