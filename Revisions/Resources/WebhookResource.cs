using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Webhooks;

namespace Sluice.Revisions.Resources;

/// <summary>An address that is told of events, as Standard Webhooks says.</summary>
/// <param name="Url">Absolute, <c>http</c> or <c>https</c>, without query.</param>
/// <param name="Events">At least one.</param>
/// <param name="Secrets">Names of one or two <c>Secret</c> resources; what is sent is signed with each.</param>
public sealed record WebhookResource(string Name, Uri? Url, ImmutableArray<WebhookEvent> Events, ImmutableArray<string> Secrets) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Webhook";

    /// <summary>The tenant of whose budgets alone it is told; null: of every budget.</summary>
    public string? Tenant { get; init; }

    public override string Kind => KindName;
}
