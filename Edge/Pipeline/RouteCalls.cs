using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>The way of a plain HTTP request: match → identify where the route asks for it → admit → forward by YARP → settle.</summary>
internal sealed class RouteCalls(Identification identification, Meter meter, Connections connections, AddressChoice addresses, DirectForwarding direct, IHttpForwarder forwarder)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;
        var (route, allowed) = arrival.Revision.Plan.Routes.Find(new RoutableRequest(http.Request));
        if (route is null)
        {
            await RefuseAsync(http, allowed);
            return;
        }

        Caller? caller = null;
        if (route.Resource.Access is RouteAccess.Key)
        {
            (caller, var error) = await identification.IdentifyAsync(http);
            if (caller is null)
            {
                await Answers.WriteProblemAsync(http, error!);
                return;
            }
        }

        var (reservation, refusal) = await meter.AdmitAsync(arrival.Revision, caller, new Ask(route.UsageName, 0, 0, null), http.RequestAborted);
        if (reservation is null)
        {
            await Answers.WriteProblemAsync(http, RefusalErrors.Tell(refusal!));
            return;
        }

        try
        {
            Answers.StampLimits(http, reservation.Headers);
            await ForwardAsync(arrival, route, caller, reservation.Headers);
        }
        finally
        {
            var status = http.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode;
            reservation.Settle(new Settlement(UsageSource.None, 0, 0, 0, 0, "", status));
        }
    }

    private static Task RefuseAsync(HttpContext http, ImmutableArray<string> allowed)
    {
        if (allowed.IsEmpty)
        {
            return Answers.WriteProblemAsync(http, new ClientError(404, $"No route matches {http.Request.Method} {http.Request.Path}.", "no_route"));
        }

        http.Response.Headers.Allow = string.Join(", ", allowed);
        return Answers.WriteProblemAsync(http, new ClientError(405, $"This path takes {string.Join(", ", allowed)}, not {http.Request.Method}.", "method_not_allowed"));
    }

    private async Task ForwardAsync(Arrival arrival, CompiledRoute route, Caller? caller, RateHeaders? limits)
    {
        var http = arrival.Http;
        var upstream = route.Parts.Length == 1 ? route.Parts[0] : route.Parts[route.Choose(StickyChance.For(route, http.Request, caller))];
        var address = addresses.Choose(upstream);
        Interlocked.Increment(ref address.State.InFlight);
        try
        {
            if (DirectForwarding.Takes(http.Request, address))
            {
                if (await direct.SendAsync(arrival, upstream, address, route.Resource.Access) is { } fault)
                {
                    Answers.Restart(arrival);
                    Answers.StampLimits(http, limits);
                    await Answers.WriteProblemAsync(http, fault);
                }

                return;
            }

            var error = await forwarder.SendAsync(
                http, address.Text, connections.For(upstream), RequestConfigs.For(upstream), new RouteTransformer(arrival, route.Resource.Access), http.RequestAborted);
            if (error is not ForwarderError.None && !http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
            {
                await Answers.WriteProblemAsync(http, Tell(http.Response.StatusCode, upstream.Name));
            }
        }
        finally
        {
            Interlocked.Decrement(ref address.State.InFlight);
        }
    }

    private static ClientError Tell(int status, string upstream) => status switch
    {
        504 => UpstreamErrors.TooLate(upstream),
        413 => new ClientError(413, "The request body is larger than this edge takes.", "request_too_large"),
        400 => new ClientError(400, "The request body could not be read.", "bad_request"),
        _ => UpstreamErrors.Broken(upstream),
    };
}
