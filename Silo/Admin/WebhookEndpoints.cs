using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>What waits for a webhook, and what was sent or given up of late; the newest first.</summary>
public sealed record DeliveryList(ImmutableArray<WebhookDelivery> Items);

/// <summary>What became of that which webhooks are told.</summary>
internal static class WebhookEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/webhooks/{name}/deliveries", ListAsync)
            .Declare(AdminRole.Viewer, "list-webhook-deliveries", "What waits for a webhook, and what was sent to it or given up of late, with the reason.")
            .WithTags(WebhookResource.KindName).Produces<DeliveryList>().Refuses(404);
        api.MapPost("/webhooks/{name}/deliveries/{id}/resend", ResendAsync)
            .Declare(AdminRole.Operator, "resend-webhook-delivery", "Sends something anew, under the same webhook-id, whatever became of it before.")
            .WithTags(WebhookResource.KindName).Produces<WebhookDelivery>().Refuses(404);
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains, string name)
    {
        // Of one that is not declared any more it is told as long as it is known.
        var items = await Grain(grains).ListAsync(name);
        return items.IsEmpty && await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(WebhookResource.KindName, name) is null
            ? Problem.NotFound($"There is no {WebhookResource.KindName} '{name}'.")
            : Results.Json(new DeliveryList(items), AdminJson.Options);
    }

    private static async Task<IResult> ResendAsync(IGrainFactory grains, string name, string id) => await Grain(grains).ResendAsync(name, id) is { } delivery
        ? Results.Json(delivery, AdminJson.Options)
        : Problem.NotFound($"Nothing is known of '{id}' for {WebhookResource.KindName} '{name}'.");

    private static IWebhooksGrain Grain(IGrainFactory grains) => grains.GetGrain<IWebhooksGrain>(AdminApi.Workspace);
}
