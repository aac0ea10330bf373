using System.Collections.Immutable;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Edge.Portal;

/// <summary>What a tenant may call under a revision, what it may ask for, and what it is counted on. Described in docs/products.md.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Revision">As in the header <c>sluice-revision</c>.</param>
/// <param name="Models">By name, as are all of these.</param>
/// <param name="Routes">Those that ask for a key, and public ones that a product has.</param>
internal sealed record Catalog(
    string Tenant,
    string Revision,
    ImmutableArray<CatalogModel> Models,
    ImmutableArray<CatalogPrompt> Prompts,
    ImmutableArray<CatalogRoute> Routes,
    ImmutableArray<CatalogProduct> Products,
    ImmutableArray<CatalogPolicy> Limits,
    ImmutableArray<CatalogPolicy> Budgets)
{
    /// <summary>The catalogue of a caller.</summary>
    public static Catalog Of(EdgeRevision revision, Caller caller)
    {
        var (plan, identity) = (revision.Plan, caller.Identity);
        var routes = (plan.Drafts?.All() ?? []).Concat(plan.Routes.All()).ToList();
        var named = plan.Products.All.SelectMany(p => p.Routes).ToHashSet(StringComparer.Ordinal);
        var policies = plan.Policies.For(identity.Tenant, identity.KeyId, identity.User, identity.Team, identity.Organisation, identity.Products);
        var visible = routes.Where(r => caller.Stands(r.Offer) is not OfferTo.Hidden).Select(r => r.Resource.Name)
            .Concat(plan.Models.Values.Where(m => caller.MayUse(m.Resource.Name) && caller.Stands(m.Offer) is not OfferTo.Hidden).Select(m => m.Resource.Name))
            .ToHashSet(StringComparer.Ordinal);
        return new Catalog(
            identity.Tenant,
            revision.Label,
            [.. plan.Models.Values.Where(caller.MayCall).Select(CatalogModel.Of).OrderBy(m => m.Name, StringComparer.Ordinal)],
            [.. plan.Prompts.Values.Where(p => caller.MayCall(plan, p)).Select(CatalogPrompt.Of).OrderBy(p => p.Name, StringComparer.Ordinal)],
            [
                .. routes.Where(r => caller.Stands(r.Offer) is OfferTo.Served && (r.Resource.Access is RouteAccess.Key || named.Contains(r.Resource.Name)))
                    .Select(CatalogRoute.Of).OrderBy(r => r.Name, StringComparer.Ordinal),
            ],
            [.. plan.Products.All.Select(p => CatalogProduct.Of(p, identity.Products, visible))],
            [.. policies.Limits.Select(l => new CatalogPolicy(l.Resource.Name, l.Subject, CatalogPolicy.OfWhat(l.Resource.For), PolicyText.Of(l.Resource)))],
            [.. policies.Budgets.Select(b => new CatalogPolicy(b.Resource.Name, b.Subject, CatalogPolicy.OfWhat(b.Resource.For), PolicyText.Of(b.Resource)))]);
    }
}

/// <summary>A model.</summary>
/// <param name="Deprecation">Null: it is not deprecated.</param>
internal sealed record CatalogModel(string Name, Stage Stage, CatalogDeprecation? Deprecation, int? ContextTokens)
{
    public static CatalogModel Of(CompiledModel model) =>
        new(model.Resource.Name, model.Resource.Lifecycle.Stage, CatalogDeprecation.Of(model.Resource.Lifecycle), model.Resource.ContextTokens);
}

/// <summary>A prompt that is called as an API of its own.</summary>
internal sealed record CatalogPrompt(string Name, string Path)
{
    public static CatalogPrompt Of(CompiledPrompt prompt) => new(prompt.Resource.Name, prompt.Resource.PublishPath ?? Surfaces.PromptsPath + prompt.Resource.Name);
}

/// <summary>A route.</summary>
/// <param name="Hosts">Empty: any; the same of methods.</param>
/// <param name="Deprecation">Null: it is not deprecated.</param>
internal sealed record CatalogRoute(
    string Name, ImmutableArray<string> Hosts, ImmutableArray<string> Methods, string Path, RouteAccess Access, Stage Stage, CatalogDeprecation? Deprecation)
{
    public static CatalogRoute Of(CompiledRoute route) => new(
        route.Resource.Name,
        route.Resource.Match.Hosts,
        route.Resource.Match.Methods,
        route.Resource.Match.Path,
        route.Resource.Access,
        route.Resource.Lifecycle.Stage,
        CatalogDeprecation.Of(route.Resource.Lifecycle));
}

/// <summary>Since when something is deprecated, until when it is served at least, and what comes after.</summary>
internal sealed record CatalogDeprecation(DateTimeOffset Since, DateTimeOffset? Sunset, string? Link, string? Successor)
{
    public static CatalogDeprecation? Of(Lifecycle lifecycle) => lifecycle.Since is { } since ? new CatalogDeprecation(since, lifecycle.Sunset, lifecycle.Link?.AbsoluteUri, lifecycle.Successor) : null;
}

/// <summary>A product.</summary>
/// <param name="Subscription">How the tenant stands to it; null: it never asked.</param>
internal sealed record CatalogProduct(
    string Name, ProductAccess Access, ProductApproval Approval, SubscriptionState? Subscription, ImmutableArray<string> Models, ImmutableArray<string> Routes)
{
    public static CatalogProduct Of(ProductResource product, ImmutableArray<ProductStanding> standings, HashSet<string> visible) => new(
        product.Name,
        product.Access,
        product.Approval,
        standings.IsDefault ? null : standings.FirstOrDefault(s => string.Equals(s.Product, product.Name, StringComparison.Ordinal))?.State,
        [.. product.Models.Where(visible.Contains)],
        [.. product.Routes.Where(visible.Contains)]);
}

/// <summary>A limit or a budget that binds the tenant.</summary>
/// <param name="For">What it counts, such as <c>product premium</c>; null: all.</param>
/// <param name="Amount">In words.</param>
internal sealed record CatalogPolicy(string Name, string Subject, string? For, string Amount)
{
    public static string? OfWhat(PolicyFor of) => of.Product is { } product ? $"product {product}" : of.RouteName is { } route ? $"route {route}" : of.Name is { } model ? $"model {model}" : null;
}
