using Microsoft.AspNetCore.Http;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Edge.Tracing;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>Sends a plain request to one address of an upstream: directly where that can be, else by YARP.</summary>
internal sealed class UpstreamForwarding(Connections connections, DirectForwarding direct, IHttpForwarder forwarder, Deadlines deadlines, FailedAttempts failures)
{
    /// <summary>Sends one attempt; its span is one of the request's trace.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="upstream">To whom.</param>
    /// <param name="address">At which address.</param>
    /// <param name="edit">What the route changes; null: nothing.</param>
    /// <param name="latest">The timestamp by which all is to be over; null: none.</param>
    /// <param name="clock">Where somebody counts how long the answer's head took; else null.</param>
    /// <param name="attempt">Of a guarded upstream: what is told of the attempt.</param>
    public ValueTask<Forwarded> SendAsync(
        in Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt) => arrival.Trace is null
        ? TryAsync(arrival, route, upstream, address, edit, latest, clock, attempt)
        : TraceAsync(arrival, route, upstream, address, edit, latest, clock, attempt);

    private async ValueTask<Forwarded> TraceAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt)
    {
        using var span = RequestTrace.Attempt(arrival.Http.Request.Method, upstream, address, attempt?.Number ?? 1);
        var forwarded = await TryAsync(arrival, route, upstream, address, edit, latest, clock, attempt);
        if (span is not null)
        {
            RequestTrace.End(span, forwarded, attempt is { Status: > 0 and var status } ? status : arrival.Http.Response.StatusCode);
        }

        return forwarded;
    }

    private async ValueTask<Forwarded> TryAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt)
    {
        Interlocked.Increment(ref address.State.InFlight);
        try
        {
            return DirectForwarding.Takes(arrival.Http.Request, address)
                ? await direct.SendAsync(arrival, upstream, address, route.Resource.Access, edit, latest, clock, attempt)
                : await ProxyAsync(arrival, route, upstream, address, edit, latest, clock, attempt);
        }
        finally
        {
            Interlocked.Decrement(ref address.State.InFlight);
        }
    }

    // By YARP, what the direct way does not take.
    private async ValueTask<Forwarded> ProxyAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt)
    {
        var http = arrival.Http;
        var transformer = new RouteTransformer(arrival, route.Resource.Access, edit, clock, attempt, address.Found.Host);
        attempt?.Rewind();
        using var deadline = latest is null ? null : deadlines.Rent(http.RequestAborted);
        deadline?.NotAfter(latest!.Value);
        deadline?.In(TimeSpan.FromHours(1));
        var whole = deadline?.Token ?? http.RequestAborted;
        using var bound = attempt?.Bound(whole);
        var error = await forwarder.SendAsync(http, address.Text, connections.For(upstream, arrival.Revision), RequestConfigs.For(upstream), transformer, bound?.Token ?? whole);
        if (ForwarderFaults.IsOfUpstream(error, http) && deadline?.IsEnd is not true)
        {
            failures.Tell(upstream.Name, address.Text, http.GetForwarderErrorFeature()?.Exception);
        }

        if (error is not ForwarderError.None && deadline?.Passed is true)
        {
            return new Forwarded(deadline.IsEnd ? UpstreamErrors.Ending : UpstreamErrors.TooLate(upstream.Name), transformer.AnsweredAt);
        }

        if (attempt?.IsTooLate(error) is true)
        {
            return new Forwarded(UpstreamErrors.TooLate(upstream.Name), 0);
        }

        if (route.Resource.Limits is not null && RouteBounds.IsOver(http))
        {
            return new Forwarded(UpstreamErrors.Broken(upstream.Name), transformer.AnsweredAt);
        }

        return new Forwarded(ForwarderFaults.Tell(http, error, upstream.Name), transformer.AnsweredAt);
    }
}
