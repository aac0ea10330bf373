using System.Collections.Immutable;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>
/// What becomes of a request under a revision, as far as the request and the revision decide it: found by the same matching that edges run, in the order in which they
/// do. What an edge holds at that moment (rates, loans, health) is no part of it.
/// </summary>
/// <param name="Surface">What serves the path.</param>
/// <param name="Route">The route that matches, or null.</param>
/// <param name="StickyValue">What keeps the request on its part of the route's split; null: it is decided by chance.</param>
/// <param name="Model">The model that the caller may use by that name, or null.</param>
/// <param name="IsShaped">The model's name says how a sandbox shall answer.</param>
/// <param name="Policies">The limits and budgets that the request is counted on.</param>
/// <param name="Refusal">Why it is refused whatever happens; null: it is not.</param>
public sealed record Prediction(
    Surface Surface, CompiledRoute? Route, string? StickyValue, CompiledModel? Model, bool IsShaped, BoundPolicies Policies, PredictedRefusal? Refusal)
{
    /// <summary>Follows a request through a revision.</summary>
    /// <param name="plan">The revision.</param>
    /// <param name="request">The request.</param>
    /// <param name="model">The model that its body names, or null.</param>
    /// <param name="caller">Whom its key stands for; null: it has none that holds.</param>
    public static Prediction Of<TRequest>(Plan plan, scoped in TRequest request, string? model, DescribedCaller? caller)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        var surface = Surfaces.Of(request.Path);
        var blank = new Prediction(surface, null, null, null, IsShaped: false, BoundPolicies.None, null);
        if (Surfaces.MethodsOf(surface) is { IsEmpty: false } methods && !methods.Contains(request.Method, StringComparer.Ordinal))
        {
            return blank with { Refusal = PredictedRefusal.Method(request.Method, methods) };
        }

        return surface is Surface.Routes ? OfRoute(blank, plan, request, caller)
            : caller is null ? blank with { Refusal = PredictedRefusal.NoKey }
            : surface is Surface.Models or Surface.Catalog || Surfaces.IsOfKept(surface) ? blank
            : surface is Surface.Model ? OfModel(blank, plan, Surfaces.ModelOf(request.Path.ToString()), caller) with { Policies = BoundPolicies.None }
            : (model ?? (surface is Surface.Moderations ? Surfaces.ModerationsModel : null)) is not { } named ? blank with { Refusal = new PredictedRefusal(400, "invalid_request", "The body names no model.") }
            : OfModel(blank, plan, named, caller);
    }

    private static Prediction OfRoute<TRequest>(Prediction blank, Plan plan, scoped in TRequest request, DescribedCaller? caller)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        var draft = plan.Drafts?.Find(request).Route;
        var (route, allowed) = draft is { Offer: { } preview } && preview.To(caller?.Tenant, caller?.Products ?? default) is not OfferTo.Hidden ? new RouteFinding(draft, []) : plan.Routes.Find(request);
        if (route is null)
        {
            return blank with { Refusal = draft is not null ? PredictedRefusal.Draft(draft) : allowed.IsEmpty ? PredictedRefusal.NoRoute : PredictedRefusal.Method(request.Method, allowed) };
        }

        // The key of a request to a public route is not looked at: it counts for nobody.
        var counted = route.Resource.Access is RouteAccess.Key ? caller : null;
        return route.Resource.Access is RouteAccess.Key && caller is null
            ? blank with { Route = route, Refusal = PredictedRefusal.NoKey }
            : PredictedRefusal.Of(route.Offer, $"route '{route.Resource.Name}'", "route_retired", caller) is { } refused ? blank with { Route = route, Refusal = refused }
            : blank with { Route = route, StickyValue = route.StickyValueOf(request, counted?.User, counted?.KeyId), Policies = PoliciesOf(plan, counted, PolicyFor.Route(route.Resource.Name).Name!) };
    }

    private static Prediction OfModel(Prediction blank, Plan plan, string name, DescribedCaller caller)
    {
        var found = ModelNames.Find(plan, name, caller.Models);
        return found.Model is not { } model || !model.Choices.Any(c => c.Share > 0 && found.Takes(c.Target))
            ? blank with { Refusal = PredictedRefusal.NoModel(name, found) }
            : PredictedRefusal.Of(model.Offer, $"model '{model.Resource.Name}'", "model_retired", caller) is { } refused ? blank with { Refusal = refused }
            : blank with { Model = model, IsShaped = found.IsShaped, Policies = PoliciesOf(plan, caller, model.Resource.Name) };
    }

    private static BoundPolicies PoliciesOf(Plan plan, DescribedCaller? caller, string name) =>
        plan.Policies.For(caller?.Tenant, caller?.KeyId, caller?.User, caller?.Team, caller?.Organisation, caller?.Products ?? default).Of(name);
}

/// <summary>Why a request is refused.</summary>
/// <param name="Status">Of the answer.</param>
/// <param name="Code">As edges tell it.</param>
/// <param name="Message">For the one who asks why, not for the client.</param>
public sealed record PredictedRefusal(int Status, string Code, string Message)
{
    internal static PredictedRefusal NoKey { get; } = new(401, "invalid_api_key", "A client key is needed, and there is none that holds.");

    internal static PredictedRefusal NoRoute { get; } = new(404, "no_route", "No route matches.");

    internal static PredictedRefusal Draft(CompiledRoute route) => new(
        404, "no_route", $"No route matches but '{route.Resource.Name}', which is a draft{(route.Resource.Lifecycle.Preview is { IsEmpty: false } preview ? $" and served to {string.Join(", ", preview)} alone" : "")}.");

    internal static PredictedRefusal? Of(Offer? offer, string what, string retired, DescribedCaller? caller) => offer?.To(caller?.Tenant, caller?.Products ?? default) switch
    {
        OfferTo.Hidden => new(404, "model_not_found", $"The {what} is a draft, so it does not exist for those who do not preview it."),
        OfferTo.NotSubscribed => new(403, "not_subscribed", $"The {what} is for subscribers of {string.Join(" or ", offer.Products)} alone, and the tenant has no approved subscription."),
        OfferTo.Retired => new(410, retired, $"The {what} is retired."),
        _ => null,
    };

    internal static PredictedRefusal Method(string method, ImmutableArray<string> allowed) =>
        new(405, "method_not_allowed", $"The path takes {string.Join(", ", allowed)}, not {method}.");

    internal static PredictedRefusal NoModel(string name, ModelFinding found) => new(404, "model_not_found", found switch
    {
        { IsKnown: false } => $"There is no model '{name}'.",
        { Model: null } => $"The key may not use the model '{name}', so it does not exist for it.",
        _ => $"'{name}' says how a sandbox shall answer, and none of the model's targets is one.",
    });
}
