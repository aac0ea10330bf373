using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Grains.Interfaces.Webhooks;

/// <summary>
/// What is to be sent to the webhooks of one workspace; its key is the workspace's name. It promises: what <see cref="PostAsync"/> answered is durable and is sent at least
/// once to each webhook that was declared for it, until one answers with a 2xx or its attempts are at their end, whichever silos are lost meanwhile. See docs/webhooks.md.
/// </summary>
[Alias("sluice.webhooks")]
public interface IWebhooksGrain : IGrainWithStringKey
{
    /// <summary>Stores what webhooks are to be told. The same news again changes nothing while it is known.</summary>
    [Alias("post")]
    Task PostAsync(BudgetNotice notice);

    /// <summary>The same of a subscription.</summary>
    [Alias("post-subscription")]
    Task PostSubscriptionAsync(SubscriptionNotice notice);

    /// <summary>The same of an alert.</summary>
    [Alias("post-alert")]
    Task PostAlertAsync(AlertNotice notice);

    /// <summary>Goes on with what is due, on a silo that may just have begun.</summary>
    [Alias("wake")]
    Task WakeAsync();

    /// <summary>What waits for a webhook, and what was sent to it or given up of late; the newest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<WebhookDelivery>> ListAsync(string webhook);

    /// <summary>Sends one anew, now, whatever became of it; null where it is not known any more.</summary>
    [Alias("resend")]
    Task<WebhookDelivery?> ResendAsync(string webhook, string id);
}

/// <summary>News of a budget.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Budget">The budget's name.</param>
/// <param name="Subject">Whose it is, such as <c>tenant/acme</c>.</param>
/// <param name="Window">When the window began.</param>
/// <param name="Unit"><c>tokens</c>, <c>money</c> (10⁻⁹ US dollar) or <c>requests</c>.</param>
/// <param name="Limit">The window's amount, with what was added, in the unit.</param>
/// <param name="Spent">Known to be spent, in the unit.</param>
/// <param name="Share">The share that is spent, in percent; null where it is exhausted.</param>
/// <param name="At">When it happened.</param>
[GenerateSerializer, Immutable, Alias("sluice.budget-notice")]
public sealed record BudgetNotice(
    [property: Id(0)] WebhookEvent Event,
    [property: Id(1)] string Budget,
    [property: Id(2)] string Subject,
    [property: Id(3)] DateTimeOffset Window,
    [property: Id(4)] string Unit,
    [property: Id(5)] long Limit,
    [property: Id(6)] long Spent,
    [property: Id(7)] int? Share,
    [property: Id(8)] DateTimeOffset At);

/// <summary>News of a tenant's subscription to a product.</summary>
/// <param name="Event">What happened.</param>
/// <param name="By">The name of who asked or decided.</param>
/// <param name="Note">Why, in their words; or null.</param>
/// <param name="At">When it happened.</param>
[GenerateSerializer, Immutable, Alias("sluice.subscription-notice")]
public sealed record SubscriptionNotice(
    [property: Id(0)] WebhookEvent Event,
    [property: Id(1)] string Tenant,
    [property: Id(2)] string Product,
    [property: Id(3)] string By,
    [property: Id(4)] string? Note,
    [property: Id(5)] DateTimeOffset At);

/// <summary>News of an alert.</summary>
/// <param name="Transition">That it began or ended.</param>
/// <param name="Send">Webhooks that are told besides those that want to be told of every alert.</param>
[GenerateSerializer, Immutable, Alias("sluice.alert-notice")]
public sealed record AlertNotice([property: Id(0)] AlertTransition Transition, [property: Id(1)] ImmutableArray<string> Send)
{
    /// <summary>What happened.</summary>
    public WebhookEvent Event => Transition.Phase is AlertPhase.Firing ? WebhookEvent.AlertFiring : WebhookEvent.AlertResolved;
}

/// <summary>What became of something that is to be sent.</summary>
public enum DeliveryState
{
    /// <summary>It is sent, or sent again, when it is due.</summary>
    Waiting,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>It was given up, and can be sent anew by hand.</summary>
    Failed,
}

/// <summary>Something that is to be sent to one webhook, or was.</summary>
/// <param name="Id">The <c>webhook-id</c>: the same for each attempt.</param>
/// <param name="Event">As in bundles: <c>budget.warning</c>.</param>
/// <param name="About">The budget and its subject, <c>daily/tenant/acme</c>; or the tenant and the product, <c>acme/premium</c>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Attempts">How often it was sent, or tried to be.</param>
/// <param name="NextAt">When it is sent next; null: never.</param>
/// <param name="LastAt">When it was sent last; null: not yet.</param>
/// <param name="Error">Why the last attempt failed; null where none did.</param>
[GenerateSerializer, Immutable, Alias("sluice.webhook-delivery")]
public sealed record WebhookDelivery(
    [property: Id(0)] string Id,
    [property: Id(1)] string Event,
    [property: Id(2)] string About,
    [property: Id(3)] DateTimeOffset At,
    [property: Id(4)] DeliveryState State,
    [property: Id(5)] int Attempts,
    [property: Id(6)] DateTimeOffset? NextAt,
    [property: Id(7)] DateTimeOffset? LastAt,
    [property: Id(8)] string? Error);
