using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Edge.Portal;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>The way of a plain HTTP request: match → identify where the route asks for it → admit → forward by YARP → settle.</summary>
internal sealed class RouteCalls(Identification identification, RouteEntry entry, PortalCalls portal, Meter meter, Connections connections, AddressChoice addresses, GuardedForwarding guarded, DirectForwarding direct, AnswerCompression compression, Deadlines deadlines, IHttpForwarder forwarder, WatchedSplits splits, RecentCalls calls, TimeProvider time)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;

        // Whose canary it is must be known before the route is: by it a path may lead elsewhere. Whom a key does not name is served as without one until a route asks for it.
        Identified? known = arrival.Revision.Canary is null ? null : await identification.IdentifyAsync(arrival);
        arrival = arrival.For(known?.Caller);
        if (CorsAnswers.IsPreflight(http.Request) && CorsAnswers.TryAnswer(arrival))
        {
            return;
        }

        var route = default(CompiledRoute);
        if (arrival.Revision.Plan.Drafts is { } drafts && drafts.Find(new RoutableRequest(http.Request)).Route is { } draft)
        {
            known ??= await identification.IdentifyAsync(arrival);
            route = known.Value.Caller?.Stands(draft.Offer) is null or OfferTo.Hidden ? null : draft;
        }

        var allowed = ImmutableArray<string>.Empty;
        if (route is null)
        {
            (route, allowed) = arrival.Revision.Plan.Routes.Find(new RoutableRequest(http.Request));
        }

        if (route is null && PortalCalls.IsPage(http.Request))
        {
            await portal.ServePageAsync(arrival);
            return;
        }

        if (route is null)
        {
            await RefuseAsync(http, allowed);
            calls.Note(arrival, EndedCall.Refused(http.Response.StatusCode));
            return;
        }

        if (route.Cors is { } cors)
        {
            CorsAnswers.Stamp(http, cors);
        }

        var (caller, unwanted) = await entry.EnterAsync(arrival, route, known);
        if (unwanted is not null)
        {
            await Answers.WriteProblemAsync(http, unwanted);
            calls.Note(arrival, EndedCall.Refused(unwanted.Status, caller, route.UsageName));
            return;
        }

        if (route.Offer is { } offer)
        {
            Offers.Announce(http, offer);
            if (Offers.Refuse(offer, route, caller) is { } refused)
            {
                await Answers.WriteProblemAsync(http, refused);
                calls.Note(arrival, EndedCall.Refused(refused.Status, caller, route.UsageName));
                return;
            }
        }

        if (route.Resource.Limits is { } bounds && RouteBounds.BoundRequest(http, bounds) is { } tooLarge)
        {
            await Answers.WriteProblemAsync(http, tooLarge);
            calls.Note(arrival, EndedCall.Refused(tooLarge.Status, caller, route.UsageName));
            return;
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

        if (route.Answers)
        {
            await AnswerAsync(arrival, route, caller, reservation);
            return;
        }

        var draw = route.Parts.Length == 1 ? (double?)null : StickyChance.For(route, http.Request, caller);
        var upstream = route.Parts[draw is { } point ? route.Choose(point) : 0];
        try
        {
            Answers.StampLimits(http, reservation.Headers);
            await (route.Resource.Compress is { } compress
                ? CompressAsync(arrival, route, upstream, caller, compress, reservation.Headers)
                : ForwardAsync(arrival, route, upstream, RouteEdit.Of(arrival, route, caller), reservation.Headers));
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

    // The route's own answer, counted as an upstream's is.
    private async Task AnswerAsync(Arrival arrival, CompiledRoute route, Caller? caller, Reservation reservation)
    {
        try
        {
            Answers.StampLimits(arrival.Http, reservation.Headers);
            await OwnAnswers.WriteAsync(arrival, route, caller);
        }
        finally
        {
            var settlement = new Settlement(UsageSource.None, default, "", arrival.Http.Response.StatusCode);
            reservation.Settle(settlement);
            reservation.Dispose();
            calls.Note(arrival, new EndedCall(caller, route.UsageName, "", null, null, IsShaped: false, Stream: false, settlement));
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

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private Task CompressAsync(Arrival arrival, CompiledRoute route, UpstreamResource upstream, Caller? caller, RouteCompression compress, RateHeaders? limits) =>
        compression.RunAsync(arrival.Http, compress, () => ForwardAsync(arrival, route, upstream, RouteEdit.Of(arrival, route, caller), limits));

    private async Task ForwardAsync(Arrival arrival, CompiledRoute route, UpstreamResource upstream, RouteEdit? edit, RateHeaders? limits)
    {
        var http = arrival.Http;
        var bounds = route.Resource.Limits;
        if (bounds is not null)
        {
            RouteBounds.BoundAnswer(http, bounds);
        }

        var latest = bounds?.Time is { } whole ? arrival.At + (long)(whole.TotalSeconds * time.TimestampFrequency) : (long?)null;
        var tally = splits.OfRoute(route, upstream.Name);
        var begun = tally is null ? 0 : time.GetTimestamp();
        var clock = tally is null ? null : time;
        var set = addresses.Of(upstream);
        var forwarded = upstream.IsGuarded
            ? await GuardedAsync(arrival, route, upstream, set, edit, latest, clock, limits)
            : await OnceAsync(arrival, route, upstream, set.Choose(), edit, latest, clock, attempt: null);
        if (forwarded.Error is not null && http.Response.HasStarted)
        {
            BrokenAnswer.Note(http);
        }
        else if (forwarded.Error is not null && route.Resource.Compress is not null && AnswerCompression.HasBegun(http))
        {
            BrokenAnswer.Abort(http);
        }
        else if (forwarded.Error is { } fault)
        {
            fault = bounds is null ? fault : RouteBounds.Tell(http, fault, upstream.Name);
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

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private ValueTask<Forwarded> GuardedAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamSet set, RouteEdit? edit, long? latest, TimeProvider? clock, RateHeaders? limits) =>
        guarded.SendAsync(arrival, upstream, set, limits, attempt => OnceAsync(arrival, route, upstream, attempt.Address, edit, latest, clock, attempt));

    private async ValueTask<Forwarded> OnceAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt)
    {
        Interlocked.Increment(ref address.State.InFlight);
        try
        {
            return DirectForwarding.Takes(arrival.Http.Request, address)
                ? await direct.SendAsync(arrival, upstream, address, route.Resource.Access, edit, latest, clock, attempt)
                : await SendAsync(arrival, route, upstream, address, edit, latest, clock, attempt);
        }
        finally
        {
            Interlocked.Decrement(ref address.State.InFlight);
        }
    }

    private async ValueTask<Forwarded> SendAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit, long? latest, TimeProvider? clock, UpstreamTry? attempt)
    {
        var http = arrival.Http;
        var transformer = new RouteTransformer(arrival, route.Resource.Access, edit, clock, attempt);
        attempt?.Rewind();
        using var deadline = latest is null ? null : deadlines.Rent(http.RequestAborted);
        deadline?.NotAfter(latest!.Value);
        deadline?.In(TimeSpan.FromHours(1));
        var whole = deadline?.Token ?? http.RequestAborted;
        using var bound = attempt?.Bound(whole);
        var error = await forwarder.SendAsync(http, address.Text, connections.For(upstream, arrival.Revision), RequestConfigs.For(upstream), transformer, bound?.Token ?? whole);
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
