using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>A request for a product.</summary>
/// <param name="Product">Its name.</param>
/// <param name="Note">Why, for those who decide; at most 500 characters.</param>
public sealed record SubscriptionBody(string? Product, string? Note = null);

/// <summary>A decision on a subscription.</summary>
/// <param name="Reason">Why; at most 500 characters.</param>
public sealed record DecisionBody(string? Reason = null);

/// <summary>A tenant's subscription to a product.</summary>
/// <param name="Id">Of tenant and product: <c>acme~premium</c>.</param>
/// <param name="Since">Since when it stands so.</param>
/// <param name="History">All that happened to it, oldest first.</param>
public sealed record SubscriptionItem(string Id, string Tenant, string Product, SubscriptionState State, DateTimeOffset Since, IReadOnlyList<SubscriptionStep> History)
{
    /// <summary>As it is told.</summary>
    internal static SubscriptionItem Of(Subscription subscription) =>
        new(subscription.Id, subscription.Tenant, subscription.Product, subscription.State, subscription.Steps[^1].At, subscription.Steps);
}

/// <summary>Subscriptions, ordered by id.</summary>
/// <param name="Next">The value of <c>after</c> for the next page, which may hold more though this one is short; null: this was the last.</param>
public sealed record SubscriptionList(IReadOnlyList<SubscriptionItem> Items, string? Next);

/// <summary>Subscriptions of tenants to products: asked for, decided on and taken away here, declared nowhere. Described in docs/products.md.</summary>
internal static class SubscriptionEndpoints
{
    private const int DefaultPage = 100;
    private const int LongestText = 500;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tenants/{tenant}/subscriptions", ListOfTenantAsync)
            .Declare(AdminRole.Viewer, "list-tenant-subscriptions", "A tenant's subscriptions, with all that happened to each.")
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Path).WithTags("Subscriptions").Produces<SubscriptionList>().Refuses(404);
        api.MapPost("/tenants/{tenant}/subscriptions", RequestAsync)
            .Declare(AdminRole.Operator, "request-subscription", "Asks for a product in a tenant's name; one that is asked for or approved already stays as it is.")
            .ForTenants(AdminRole.TenantAdmin, TenantPlace.Path).WithTags("Subscriptions").Accepts<SubscriptionBody>("application/json").Produces<SubscriptionItem>().Refuses(400, 404, 409, 413, 415);
        api.MapGet("/subscriptions", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-subscriptions",
                "Subscriptions of all tenants by id.",
                new("state", "string", "Only those that are requested, approved, rejected or withdrawn."),
                new("product", "string", "Only to this product."),
                new("after", "string", "Only ids after this one."),
                new("limit", "integer", "How many are looked at, 1 to 1,000; 100 when not given."))
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Caller).WithTags("Subscriptions").Produces<SubscriptionList>().Refuses(400);
        foreach (var (decision, verb, summary) in new[]
        {
            (SubscriptionDecision.Approve, "approve", "Approves a subscription that was asked for: when this returns, every edge knows."),
            (SubscriptionDecision.Reject, "reject", "Rejects a subscription that was asked for. The tenant may ask again."),
            (SubscriptionDecision.Withdraw, "withdraw", "Takes an approved subscription away: when this returns, every edge refuses. The tenant may ask again."),
        })
        {
            api.MapPost($"/subscriptions/{{id}}/{verb}", (HttpContext http, IGrainFactory grains, string id) => DecideAsync(http, grains, id, decision))
                .Declare(AdminRole.Operator, $"{verb}-subscription", summary)
                .WithMetadata(decision is SubscriptionDecision.Withdraw ? [new TenantAccess(AdminRole.TenantAdmin, TenantPlace.Subscription)] : [])
                .WithTags("Subscriptions").Accepts<DecisionBody>(isOptional: true, "application/json").Produces<SubscriptionItem>().Refuses(400, 404, 409, 413, 415);
        }
    }

    /// <summary>The grain of a tenant's subscriptions.</summary>
    public static ISubscriptionsGrain Grain(IGrainFactory grains, string tenant) => grains.GetGrain<ISubscriptionsGrain>(GrainKeys.Join(AdminApi.Workspace, tenant));

    private static async Task<IResult> ListOfTenantAsync(IGrainFactory grains, string tenant)
    {
        if (TenantEndpoints.Find(grains, tenant) is not { } grain || await grain.GetAsync() is null)
        {
            return TenantEndpoints.NoTenant(tenant);
        }

        return Results.Json(new SubscriptionList([.. (await Grain(grains, tenant).ListAsync()).Select(SubscriptionItem.Of)], null), AdminJson.Options);
    }

    private static async Task<IResult> RequestAsync(HttpContext http, IGrainFactory grains, string tenant)
    {
        var (body, refusal) = await RequestBody.ReadJsonAsync<SubscriptionBody>(http);
        if (refusal is not null)
        {
            return refusal;
        }

        if (body!.Product is not { } product || !Names.IsResource(product))
        {
            return Problem.InvalidRequest("product", $"must be the name of a product: {Names.ResourceRule}");
        }

        if (body.Note is { Length: 0 or > LongestText })
        {
            return Problem.InvalidRequest("note", $"must be 1 to {LongestText} characters, or left out");
        }

        return Names.IsResource(tenant) ? Tell(await Grain(grains, tenant).RequestAsync(product, body.Note, http.Author()), tenant, product, "requested") : TenantEndpoints.NoTenant(tenant);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (after, product, limit) = (query.Text("after"), query.Text("product"), (int)(query.Number("limit", 1, 1000) ?? DefaultPage));
        var state = ReadState(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        if (http.Caller().Operator.Tenant is { } own)
        {
            var owned = (await Grain(grains, own).ListAsync()).Where(s => (state is null || s.State == state) && (product is null || string.Equals(s.Product, product, StringComparison.Ordinal)) && string.CompareOrdinal(s.Id, after) > 0);
            return Results.Json(new SubscriptionList([.. owned.OrderBy(s => s.Id, StringComparer.Ordinal).Select(SubscriptionItem.Of)], null), AdminJson.Options);
        }

        var ids = await grains.GetGrain<ISubscriptionDirectoryGrain>(AdminApi.Workspace).ListAsync(after, limit, state is SubscriptionState.Requested, product);
        var found = await Task.WhenAll(ids.Select(id => Subscription.Split(id)!.Value).GroupBy(id => id.Tenant, id => id.Product, StringComparer.Ordinal)
            .Select(async group => (await Grain(grains, group.Key).ListAsync()).Where(s => group.Contains(s.Product, StringComparer.Ordinal))));
        var items = found.SelectMany(s => s).Where(s => state is null || s.State == state).OrderBy(s => s.Id, StringComparer.Ordinal).Select(SubscriptionItem.Of);
        return Results.Json(new SubscriptionList([.. items], ids.Length == limit ? ids[^1] : null), AdminJson.Options);
    }

    private static SubscriptionState? ReadState(QueryReader query)
    {
        if (query.Text("state") is not { } text)
        {
            return null;
        }

        var known = Enum.GetValues<SubscriptionState>().ToDictionary(Lower, StringComparer.Ordinal);
        if (known.TryGetValue(text, out var state))
        {
            return state;
        }

        query.Wrong("state", Unknown.Say("state", text, known.Keys));
        return null;
    }

    private static async Task<IResult> DecideAsync(HttpContext http, IGrainFactory grains, string id, SubscriptionDecision decision)
    {
        var (body, refusal) = await RequestBody.ReadOptionalAsync(http, new DecisionBody());
        if (refusal is not null)
        {
            return refusal;
        }

        if (body!.Reason is { Length: 0 or > LongestText })
        {
            return Problem.InvalidRequest("reason", $"must be 1 to {LongestText} characters, or left out");
        }

        return Subscription.Split(id) is var (tenant, product) && Names.IsResource(tenant) && Names.IsResource(product)
            ? Tell(await Grain(grains, tenant).DecideAsync(product, decision, body.Reason, http.Author()), tenant, product, decision switch
            {
                SubscriptionDecision.Approve => "approved",
                SubscriptionDecision.Reject => "rejected",
                _ => "withdrawn",
            })
            : Problem.NotFound($"There is no subscription '{id}'.");
    }

    private static IResult Tell(SubscriptionOutcome outcome, string tenant, string product, string wanted) => outcome.Refusal switch
    {
        SubscriptionRefusal.None => Results.Json(SubscriptionItem.Of(outcome.Subscription!), AdminJson.Options),
        SubscriptionRefusal.NoTenant => TenantEndpoints.NoTenant(tenant),
        SubscriptionRefusal.NoProduct => Problem.InvalidRequest("product", $"there is no product '{product}'"),
        SubscriptionRefusal.IsOpen => Problem.InvalidRequest("product", $"the product '{product}' is open: whoever has a key may call what it has, and nobody subscribes to it"),
        SubscriptionRefusal.NotAsked => Problem.NotFound($"There is no subscription '{Subscription.IdOf(tenant, product)}': tenant '{tenant}' never asked for '{product}'."),
        _ => Problem.SubscriptionState($"It is {Lower(outcome.Subscription!.State)}, and what is {Lower(outcome.Subscription.State)} cannot be {wanted}{(wanted is "withdrawn" ? "" : "; the tenant may ask again")}."),
    };

    private static string Lower(SubscriptionState state) => state.ToString().ToLowerInvariant();
}
