using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Bodies;
using Sluice.Edge.Caching;
using Sluice.Edge.CallLog.Bodies;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Edge.Portal;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Tracing;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>The way of a plain HTTP request: match → identify where the route asks for it → admit → forward by YARP → settle.</summary>
internal sealed class RouteCalls(Identification identification, RouteEntry entry, PortalCalls portal, Meter meter, AddressChoice addresses, GuardedForwarding guarded, UpstreamForwarding forwarding, AnswerCompression compression, RouteCaching caching, WatchedSplits splits, SplitInstruments parts, RecentCalls calls, VisitorCookies visitors, Mirrors mirrors, HeldBodies bodies, BodyBuffer said, TimeProvider time)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;

        // Whose canary it is, or whose flag, must be known before the route is: by it a path may lead elsewhere. Whom a key does not name is served as without one until a route asks for it.
        Identified? known = arrival.Revision.Canary is null && !arrival.Revision.Plan.AsksCaller ? null : await identification.IdentifyAsync(arrival);
        arrival = arrival.For(known?.Caller);
        var subject = known?.Caller?.Identity is { } identity ? identity.User ?? identity.KeyId : null;
        if (CorsAnswers.IsPreflight(http.Request) && CorsAnswers.TryAnswer(arrival))
        {
            return;
        }

        var route = default(CompiledRoute);
        if (arrival.Revision.Plan.Drafts is { } drafts && drafts.Find(new RoutableRequest(http.Request, subject: subject)).Route is { } draft)
        {
            known ??= await identification.IdentifyAsync(arrival);
            route = known.Value.Caller?.Stands(draft.Offer) is null or OfferTo.Hidden ? null : draft;
        }

        var allowed = ImmutableArray<string>.Empty;
        if (route is null)
        {
            using var step = arrival.Trace is null ? null : RequestTrace.Step("match");
            (route, allowed) = arrival.Revision.Plan.Routes.Find(new RoutableRequest(http.Request, subject: subject));
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

        arrival.Trace?.Matched(route);
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
                await Answers.WriteProblemAsync(http, refused with { By = route.Resource.Label });
                calls.Note(arrival, EndedCall.Refused(refused.Status, caller, route.UsageName));
                return;
            }
        }

        if (route.Resource.Limits is { } bounds && RouteBounds.BoundRequest(http, bounds) is { } tooLarge)
        {
            await Answers.WriteProblemAsync(http, tooLarge with { By = route.Resource.Label });
            calls.Note(arrival, EndedCall.Refused(tooLarge.Status, caller, route.UsageName));
            return;
        }

        if (!CallTags.TryRead(http.Request, out var tags, out var wrong))
        {
            await Answers.WriteProblemAsync(http, wrong!);
            calls.Log(arrival, EndedCall.Refused(wrong!.Status, caller, route.UsageName));
            return;
        }

        using var held = RouteBounds.HoldsBody(http.Request, route) ? bodies.Begin(caller?.Identity.Tenant, http.Request.ContentLength) : null;
        if (held?.Refusal is { } full)
        {
            await Answers.WriteProblemAsync(http, full);
            calls.Log(arrival, EndedCall.Refused(full.Status, caller, route.UsageName));
            return;
        }

        var ask = new Ask(route.UsageName, 0, 0, null) { Attempt = new Attempt(arrival.RequestId, 1, arrival.At, "", tags, IsRecorded: !tags.IsEmpty) };
        var (reservation, refusal) = await (arrival.Trace is null ? meter.AdmitAsync(arrival.Revision, caller, ask, http.RequestAborted) : AdmissionTrace.RunAsync(meter, arrival.Revision, caller, ask, http.RequestAborted));
        if (reservation is null)
        {
            await Answers.WriteProblemAsync(http, RefusalErrors.Tell(refusal!));
            calls.Note(arrival, EndedCall.Refused(http.Response.StatusCode, caller, route.UsageName) with { Tags = tags });
            return;
        }

        if (route.Answers)
        {
            await AnswerAsync(arrival, route, caller, tags, reservation);
            return;
        }

        if (route.Validation is { } validation && !await IsValidAsync(arrival, route, validation, caller, tags, reservation, held))
        {
            return;
        }

        var draw = route.Parts.Length == 1 ? (double?)null
            : route.Resource.Sticky is { Issue: { } issue, Name: { } cookie } ? await visitors.ChanceAsync(http, route, cookie, issue)
            : StickyChance.For(route, http.Request, caller);
        var part = draw is { } point ? route.Choose(point) : 0;
        var upstream = route.Parts[part];
        try
        {
            Answers.StampLimits(http, reservation.Headers);
            await (route.Resource.Compress is { } compress
                ? CompressAsync(arrival, route, part, caller, compress, reservation.Headers)
                : KeepAsync(arrival, route, part, caller, reservation.Headers));
        }
        finally
        {
            var status = http.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode;
            End(arrival, route, caller, tags, reservation, status, upstream.Name, draw);
        }
    }

    private void End(in Arrival arrival, CompiledRoute route, Caller? caller, ImmutableArray<string> tags, Reservation reservation, int status, string upstream = "", double? draw = null)
    {
        var settlement = new Settlement(UsageSource.None, default, "", status);
        reservation.Settle(settlement);
        reservation.Dispose();
        calls.Note(arrival, new EndedCall(caller, route.UsageName, upstream, draw, null, IsShaped: false, Stream: false, settlement) { Tags = tags });
    }

    // What is refused here was admitted, and counts: limits bound those who send what is no use.
    private async Task<bool> IsValidAsync(Arrival arrival, CompiledRoute route, CompiledValidation validation, Caller? caller, ImmutableArray<string> tags, Reservation reservation, HeldBody? held)
    {
        var isValid = false;
        try
        {
            var wrong = await RequestValidation.FindWrongAsync(arrival, validation, held);
            isValid = wrong is null;
            if (wrong is not null)
            {
                Answers.StampLimits(arrival.Http, reservation.Headers);
                await Answers.WriteProblemAsync(arrival.Http, wrong with { By = route.Resource.Label });
            }

            return isValid;
        }
        finally
        {
            if (!isValid)
            {
                End(arrival, route, caller, tags, reservation, arrival.Http.Response.StatusCode);
            }
        }
    }

    // The route's own answer, counted as an upstream's is.
    private async Task AnswerAsync(Arrival arrival, CompiledRoute route, Caller? caller, ImmutableArray<string> tags, Reservation reservation)
    {
        try
        {
            Answers.StampLimits(arrival.Http, reservation.Headers);
            await OwnAnswers.WriteAsync(arrival, route, caller);
        }
        finally
        {
            End(arrival, route, caller, tags, reservation, arrival.Http.Response.StatusCode);
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
    private Task CompressAsync(Arrival arrival, CompiledRoute route, int part, Caller? caller, RouteCompression compress, RateHeaders? limits) =>
        compression.RunAsync(arrival.Http, compress, () => KeepAsync(arrival, route, part, caller, limits));

    private Task KeepAsync(Arrival arrival, CompiledRoute route, int part, Caller? caller, RateHeaders? limits)
    {
        if (route.LogBodies is { } logging)
        {
            BodyTap.Begin(said, arrival, caller, logging);
        }

        return route.Cache is null ? ForwardAsync(arrival, route, part, caller, limits) : KeptAsync(arrival, route, part, caller, limits);
    }

    private Task KeptAsync(Arrival arrival, CompiledRoute route, int part, Caller? caller, RateHeaders? limits) =>
        caching.ServeAsync(arrival, route, route.Parts[part], caller, asked => ForwardAsync(asked, route, part, caller, limits));

    private async Task ForwardAsync(Arrival arrival, CompiledRoute route, int part, Caller? caller, RateHeaders? limits)
    {
        var (http, upstream) = (arrival.Http, route.Parts[part]);
        var (point, edit) = (AddressPoints.Of(upstream, http, caller), RouteEdit.Of(arrival, route, caller));
        var bounds = route.Resource.Limits;
        if (bounds is not null)
        {
            RouteBounds.BoundAnswer(http, bounds);
        }

        using var copy = route.Mirrors.IsEmpty ? null : mirrors.Begin(arrival, route, edit);
        var latest = bounds?.Time is { } whole ? arrival.At + (long)(whole.TotalSeconds * time.TimestampFrequency) : (long?)null;
        var tally = splits.OfRoute(route, upstream.Name);
        var count = parts.Of(route, part);
        var clock = tally is null && count is null ? null : time;
        var begun = clock?.GetTimestamp() ?? 0;
        var set = addresses.Of(upstream);
        if (set.Awaited is { } feed)
        {
            await feed.BeginAsync(upstream.Timeouts.Connect, time, http.RequestAborted);
        }

        var forwarded = upstream.IsGuarded ? await GuardedAsync(arrival, route, upstream, set, point, edit, latest, clock, limits)
            : set.Choose(point) is { } address ? await forwarding.SendAsync(arrival, route, upstream, address, edit, latest, clock, attempt: null)
            : new Forwarded(UpstreamErrors.NoAddress(upstream.Name), 0);
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
        if (clock is not null && forwarded.Error != UpstreamErrors.Ending)
        {
            var status = http.Response.StatusCode;
            var elapsed = time.GetElapsedTime(begun, forwarded.AnsweredAt == 0 ? time.GetTimestamp() : forwarded.AnsweredAt);
            var failed = forwarded.Error is { Status: >= 500 } || status >= 500;
            count?.Count(elapsed, failed);
            tally?.Count(new PartAnswer(failed, status == 429, LacksUsage: false, elapsed, null));
        }
    }

    // Apart, for what it captures is made at the begin of the method that it stands in.
    private ValueTask<Forwarded> GuardedAsync(
        Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamSet set, ulong point, RouteEdit? edit, long? latest, TimeProvider? clock, RateHeaders? limits) =>
        guarded.SendAsync(arrival, upstream, set, point, limits, attempt => forwarding.SendAsync(arrival, route, upstream, attempt.Address, edit, latest, clock, attempt));
}
