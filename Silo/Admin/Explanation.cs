using System.Collections.Immutable;
using System.Globalization;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>Writes what becomes of a described request under a revision. Plain code: it asks nobody.</summary>
internal static class Explanation
{
    private const int MostOthers = 10;

    /// <summary>The answer.</summary>
    /// <param name="revision">Under which revision.</param>
    /// <param name="asked">The request.</param>
    /// <param name="caller">Whom its key stands for, or null.</param>
    /// <param name="noCaller">Why the named key stands for nobody; null: none was named, or it stands for somebody.</param>
    /// <param name="now">The time, for prices that change with the day.</param>
    public static ExplainAnswer Of(WhatIfRevision revision, Explained asked, DescribedCaller? caller, string? noCaller, DateTimeOffset now)
    {
        var plan = revision.Plan.For(caller?.Tenant, caller?.KeyId, caller?.User);
        asked = asked with { Request = asked.Request with { Subject = caller?.User ?? caller?.KeyId } };
        var found = Prediction.Of(plan, asked.Request.AsRoutable, asked.Model, caller);
        var wrong = FindWrong(asked);
        if (wrong is not null)
        {
            found = new Prediction(found.Surface, null, null, null, IsShaped: false, BoundPolicies.None, wrong);
        }
        else if (found.Refusal is { Status: 401 } noKey && noCaller is not null)
        {
            found = found with { Refusal = noKey with { Message = noCaller } };
        }

        var trace = found.Surface is Surface.Routes && wrong is null ? RouteTrace.Of(plan.Routes, asked.Request, MostOthers) : new RouteTrace([], 0);
        var counted = found.Refusal is null && !(found.Route is { Resource.Access: RouteAccess.Public }) ? caller : null;
        var route = found.Route is { } matched ? RouteExplanation.Of(matched, found, asked, caller) : null;
        var model = found.Model is { } called ? ModelExplanation.Of(called, found, asked, caller, now) : null;
        return new ExplainAnswer(
            revision.Number,
            revision.Hash,
            revision.Changes is not null,
            Say(found, asked, route, model),
            found.Surface,
            found.Refusal,
            counted is null ? null : new ExplainedCaller(counted.Tenant, counted.KeyId, counted.User, counted.Models),
            route,
            model,
            found.Refusal is null ? ExplainHeaders(asked.Request, found) : null,
            [.. found.Policies.Limits.Select(l => new ExplainedPolicy(l.Resource.Name, l.Subject, PolicyText.Of(l.Resource)))],
            [.. found.Policies.Budgets.Select(b => new ExplainedPolicy(b.Resource.Name, b.Subject, PolicyText.Of(b.Resource)))],
            found.Model is { } reserved ? ModelExplanation.Reserve(reserved, found.Surface, asked, caller?.Tenant, now) : null,
            [.. trace.Candidates.Select(c => new ExplainedCandidate(c.Route.Name, c.Verdict, c.Missed))],
            trace.Others,
            ReferenceEquals(plan, revision.Plan) ? null : revision.Plan.Canary!.Resource.Name);
    }

    // What an edge refuses before it looks at its revision.
    private static PredictedRefusal? FindWrong(Explained asked) =>
        asked.Request.Method is "TRACE" or "CONNECT" ? new PredictedRefusal(405, "method_not_allowed", $"The method {asked.Request.Method} is not served.")
        : RequestTargets.FindWrong(asked.Target) is { } wrong ? new PredictedRefusal(400, "bad_request", $"The request has {wrong}, which servers read differently.")
        : null;

    private static ExplainedHeaders ExplainHeaders(DescribedRequest request, Prediction found)
    {
        ISet<string>? nominated = null;
        foreach (var connection in request.Headers.GetValueOrDefault("connection", []))
        {
            HeaderRules.Nominate(connection, ref nominated);
        }

        var passes = request.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase).ToLookup(name => nominated?.Contains(name) is not true && (found.Route is { } route
            ? HeaderRules.PassesToUpstream(name) && !HeaderRules.IsKeyOfSluice(name, route.Resource.Access, holdsKey: false)
            : found.Model is not null && HeaderRules.PassesToProvider(name)));
        ImmutableArray<string> added = found.Route is not null ? HeaderRules.AddedForUpstreams
            : found.Model is { } model ? ["Content-Type", .. model.Targets.Any(t => !t.Provider.Credentials.IsEmpty) ? new[] { "Authorization" } : []]
            : [];
        return new ExplainedHeaders([.. passes[true]], [.. passes[false]], added);
    }

    private static string Say(Prediction found, Explained asked, ExplainedRoute? route, ExplainedModel? model)
    {
        var what = $"{asked.Request.Method} {asked.Target}";
        return found switch
        {
            { Refusal: { } refusal } => string.Create(CultureInfo.InvariantCulture, $"{what} is refused with {refusal.Status} {refusal.Code}: {refusal.Message}"),
            { Route: not null } when route!.Answer is { } answer => $"{what} matches route {route.Name}, which answers {answer}.",
            { Route: not null } => $"{what} matches route {route!.Name} and goes to {Where(route.Split)}.",
            { Model: not null } => $"{what} calls model {model!.Name}, answered by {string.Join(" or ", model.Targets.Where(t => t.Share > 0).Select(t => $"{t.Provider}/{t.Model}{(t.Share < 1 ? $" ({Percent(t.Share)})" : "")}"))}.",
            _ => $"{what} lists models that the key may use; no provider is asked.",
        };
    }

    private static string Where(ExplainedSplit split) => split switch
    {
        { Part: { } part, By: SplitBy.Sticky } => $"{part}, where the hash of {split.Key} lies",
        { Part: { } part } => part,
        _ => string.Join(" or ", split.Parts.Where(p => p.Share > 0).Select(p => $"{p.Upstream} ({Percent(p.Share)})")) + ", by chance",
    };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");
}
