using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>The way of a plain HTTP request: match → identify where the route asks for it → admit → forward by YARP → settle.</summary>
internal sealed class RouteCalls(Identification identification, Meter meter, Connections connections, AddressChoice addresses, GuardedForwarding guarded, DirectForwarding direct, IHttpForwarder forwarder, WatchedSplits splits, RecentCalls calls, TimeProvider time)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;

        // Whose canary it is must be known before the route is: by it a path may lead elsewhere. Whom a key does not name is served as without one until a route asks for it.
        Identified? known = arrival.Revision.Canary is null ? null : await identification.IdentifyAsync(http);
        arrival = arrival.For(known?.Caller);
        var (route, allowed) = arrival.Revision.Plan.Routes.Find(new RoutableRequest(http.Request));
        if (route is null)
        {
            await RefuseAsync(http, allowed);
            calls.Note(arrival, EndedCall.Refused(http.Response.StatusCode));
            return;
        }

        Caller? caller = null;
        if (route.Resource.Access is RouteAccess.Key)
        {
            (caller, var error) = known ?? await identification.IdentifyAsync(http);
            if (caller is null)
            {
                await Answers.WriteProblemAsync(http, error!);
                calls.Note(arrival, EndedCall.Refused(error!.Status, null, route.UsageName));
                return;
            }
        }

        if (!CallTags.TryRead(http.Request, out var tags, out var wrong))
        {
            await Answers.WriteProblemAsync(http, wrong!);
            return;
        }

        var ask = new Ask(route.UsageName, 0, 0, null) { Attempt = new Attempt(arrival.RequestId, 1, arrival.At, "", tags, IsRecorded: !tags.IsEmpty) };
        var (reservation, refusal) = await meter.AdmitAsync(arrival.Revision, caller, ask, http.RequestAborted);
        if (reservation is null)
        {
            await Answers.WriteProblemAsync(http, RefusalErrors.Tell(refusal!));
            calls.Note(arrival, EndedCall.Refused(http.Response.StatusCode, caller, route.UsageName));
            return;
        }

        var draw = route.Parts.Length == 1 ? (double?)null : StickyChance.For(route, http.Request, caller);
        var upstream = route.Parts[draw is { } point ? route.Choose(point) : 0];
        try
        {
            Answers.StampLimits(http, reservation.Headers);
            await ForwardAsync(arrival, route, upstream, reservation.Headers);
        }
        finally
        {
            var status = http.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode;
            var settlement = new Settlement(UsageSource.None, default, "", status);
            reservation.Settle(settlement);
            reservation.Dispose();
            calls.Note(arrival, new EndedCall(caller, route.UsageName, upstream.Name, draw, null, IsShaped: false, Stream: false, settlement));
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

    private async Task ForwardAsync(Arrival arrival, CompiledRoute route, UpstreamResource upstream, RateHeaders? limits)
    {
        var http = arrival.Http;
        var tally = splits.OfRoute(route, upstream.Name);
        var begun = tally is null ? 0 : time.GetTimestamp();
        var clock = tally is null ? null : time;
        var set = addresses.Of(upstream);
        var forwarded = upstream.IsGuarded
            ? await guarded.SendAsync(arrival, upstream, set, limits, attempt => OnceAsync(arrival, route, upstream, attempt.Address, clock, attempt))
            : await OnceAsync(arrival, route, upstream, set.Choose(), clock, attempt: null);
        if (forwarded.Error is not null && http.Response.HasStarted)
        {
            BrokenAnswer.Note(http);
        }
        else if (forwarded.Error is { } fault)
        {
            Answers.Restart(arrival);
            Answers.StampLimits(http, limits);
            await Answers.WriteProblemAsync(http, fault);
        }

        // Those whom the edge's own end cut off say nothing of an upstream.
        if (tally is not null && forwarded.Error != UpstreamErrors.Ending)
        {
            var status = http.Response.StatusCode;
            var answered = forwarded.AnsweredAt == 0 ? time.GetTimestamp() : forwarded.AnsweredAt;
            tally.Count(new PartAnswer(forwarded.Error is { Status: >= 500 } || status >= 500, status == 429, LacksUsage: false, time.GetElapsedTime(begun, answered), null));
        }
    }

    private async ValueTask<Forwarded> OnceAsync(Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, TimeProvider? clock, UpstreamTry? attempt)
    {
        Interlocked.Increment(ref address.State.InFlight);
        try
        {
            return DirectForwarding.Takes(arrival.Http.Request, address)
                ? await direct.SendAsync(arrival, upstream, address, route.Resource.Access, clock, attempt)
                : await SendAsync(arrival, route, upstream, address, clock, attempt);
        }
        finally
        {
            Interlocked.Decrement(ref address.State.InFlight);
        }
    }

    private async ValueTask<Forwarded> SendAsync(Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, TimeProvider? clock, UpstreamTry? attempt)
    {
        var http = arrival.Http;
        var transformer = new RouteTransformer(arrival, route.Resource.Access, clock, attempt);
        attempt?.Rewind();
        using var bound = attempt?.Bound();
        var error = await forwarder.SendAsync(http, address.Text, connections.For(upstream), RequestConfigs.For(upstream), transformer, bound?.Token ?? http.RequestAborted);
        if (attempt?.IsTooLate(error) is true)
        {
            return new Forwarded(UpstreamErrors.TooLate(upstream.Name), 0);
        }

        return new Forwarded(IsOfClient(error) || (error is not ForwarderError.ResponseBodyDestination && http.RequestAborted.IsCancellationRequested) ? null : Tell(http.Response.StatusCode, upstream.Name), transformer.AnsweredAt);
    }

    private static bool IsOfClient(ForwarderError error) => error is ForwarderError.None
        or ForwarderError.RequestCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestCanceled
        or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient or ForwarderError.UpgradeActivityTimeout;

    private static ClientError Tell(int status, string upstream) => status switch
    {
        504 => UpstreamErrors.TooLate(upstream),
        413 => new ClientError(413, "The request body is larger than this edge takes.", "request_too_large"),
        400 => UpstreamErrors.UnreadableBody,
        _ => UpstreamErrors.Broken(upstream),
    };
}
