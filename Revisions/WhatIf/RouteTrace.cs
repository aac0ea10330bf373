using System.Collections.Immutable;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>Which routes matching looked at for a request, in its order, and why it passed them over; then those whose path or host does not fit, the nearest first.</summary>
/// <param name="Candidates">At most as many as were asked for.</param>
/// <param name="Others">How many routes are not among them: their path or host does not fit.</param>
public sealed record RouteTrace(ImmutableArray<RouteCandidate> Candidates, int Others)
{
    /// <summary>Goes through the routes of a revision before the eyes of a witness.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="request">The request.</param>
    /// <param name="most">The most routes whose path or host does not fit that are told.</param>
    public static RouteTrace Of(RouteTable routes, DescribedRequest request, int most)
    {
        var seen = Look(routes, request);
        var names = seen.Select(s => s.Route.Name).ToHashSet(StringComparer.Ordinal);
        var others = routes.All().Where(r => !names.Contains(r.Resource.Name)).ToList();
        var nearest = others
            .Select(r => (Route: r.Resource, FitsPath: Fits(r.Resource, request, anyHost: true), Shared: Shared(r.Resource.Match.Path, request.Path)))
            .OrderByDescending(o => o.FitsPath).ThenByDescending(o => o.Shared).ThenBy(o => o.Route.Name, StringComparer.Ordinal)
            .Take(most)
            .Select(o => Passed(o.Route, o.FitsPath, request))
            .ToList();
        return new RouteTrace([.. seen, .. nearest], others.Count - nearest.Count);
    }

    private static ImmutableArray<RouteCandidate> Look(RouteTable routes, DescribedRequest request)
    {
        var sightings = new List<Sighting>();
        routes.Find(request.AsRoutable, new Witness(sightings));

        // A route of several hosts may be met more than once.
        var matched = false;
        return [.. sightings.DistinctBy(s => s.Route.Resource.Name, StringComparer.Ordinal).Select(s =>
        {
            var missed = s.Missed.DistinctBy(m => (m.Condition, m.Name)).Select(m => m with { Met = Met(request, m, s.Route) }).ToImmutableArray();
            var verdict = !missed.IsEmpty ? CandidateVerdict.Passed : matched ? CandidateVerdict.Later : CandidateVerdict.Matches;
            matched |= verdict is CandidateVerdict.Matches;
            return new RouteCandidate(s.Route.Resource, verdict, missed);
        })];
    }

    private static RouteCandidate Passed(RouteResource route, bool fitsPath, DescribedRequest request)
    {
        var missed = ImmutableArray.CreateBuilder<MissedCondition>();
        if (!Fits(route, request, anyPath: true))
        {
            missed.Add(new MissedCondition(RouteCondition.Host, null, route.Match.Hosts, Of(HostNames.WithoutPort(request.Host).ToString())));
        }

        if (!fitsPath)
        {
            missed.Add(new MissedCondition(RouteCondition.Path, null, [route.Match.Path], [request.Path]));
        }

        return new RouteCandidate(route, CandidateVerdict.Passed, missed.ToImmutable());
    }

    // Whether a route would be looked at if it were alone, and its host or its path were any.
    private static bool Fits(RouteResource route, DescribedRequest request, bool anyHost = false, bool anyPath = false)
    {
        var match = route.Match with { Hosts = anyHost ? [] : route.Match.Hosts, Path = anyPath ? "/{**rest}" : route.Match.Path };
        var sightings = new List<Sighting>();
        RouteTable.Build([new CompiledRoute(route with { Match = match, Transforms = null, Redirect = null, Validation = null }, [])]).Find(request.AsRoutable, new Witness(sightings));
        return sightings.Count > 0;
    }

    // How many segments at the start of both are the same.
    private static int Shared(string template, string path) =>
        template.Split('/').Zip(path.Split('/')).TakeWhile(p => string.Equals(p.First, p.Second, StringComparison.Ordinal)).Count();

    private static ImmutableArray<string> Met(DescribedRequest request, MissedCondition missed, CompiledRoute route) => missed.Condition switch
    {
        RouteCondition.Header when HeaderRules.MayHoldKey(missed.Name!) => request.Headers.ContainsKey(missed.Name!) ? ["***"] : [],
        RouteCondition.Header => request.Headers.GetValueOrDefault(missed.Name!, []),
        RouteCondition.Query => request.Query.GetValueOrDefault(missed.Name!, []),
        RouteCondition.Flag => [route.When!.ValueFor(request.AsRoutable).ToString()],
        _ => [request.Method],
    };

    private static ImmutableArray<string> Of(string value) => value.Length > 0 ? [value] : [];

    private readonly struct Witness(List<Sighting> sightings) : IRouteWitness
    {
        public static bool SeesAll => true;

        public void Misses(CompiledRoute route, RouteCondition condition, string? name, ImmutableArray<string> asked) =>
            See(route).Missed.Add(new MissedCondition(condition, name, asked, []));

        public void Fits(CompiledRoute route) => See(route);

        private Sighting See(CompiledRoute route)
        {
            if (sightings.Count == 0 || !ReferenceEquals(sightings[^1].Route, route))
            {
                sightings.Add(new Sighting(route, []));
            }

            return sightings[^1];
        }
    }

    private sealed record Sighting(CompiledRoute Route, List<MissedCondition> Missed);
}

/// <summary>One route, and what matching makes of it.</summary>
/// <param name="Route">As declared.</param>
/// <param name="Verdict">Whether it is the one.</param>
/// <param name="Missed">The conditions that the request does not fulfil; empty where it fulfils all.</param>
public sealed record RouteCandidate(RouteResource Route, CandidateVerdict Verdict, ImmutableArray<MissedCondition> Missed);

/// <summary>What matching makes of a route.</summary>
public enum CandidateVerdict
{
    /// <summary>It is the one.</summary>
    Matches,

    /// <summary>It would match, but another comes before it.</summary>
    Later,

    /// <summary>The request does not fulfil its conditions.</summary>
    Passed,
}

/// <summary>A condition that a request does not fulfil.</summary>
/// <param name="Condition">Its kind.</param>
/// <param name="Name">Of the header, query parameter or flag; else null.</param>
/// <param name="Asked">What the route asks for; empty: any value.</param>
/// <param name="Met">What the request has; empty: nothing.</param>
public sealed record MissedCondition(RouteCondition Condition, string? Name, ImmutableArray<string> Asked, ImmutableArray<string> Met);
