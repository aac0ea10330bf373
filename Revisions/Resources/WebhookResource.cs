using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Webhooks;

namespace Sluice.Revisions.Resources;

/// <summary>In which form a webhook is told.</summary>
public enum WebhookFormat
{
    /// <summary>As Standard Webhooks says, signed.</summary>
    Standard,

    /// <summary>As Slack's incoming webhooks read it, and others that understand those.</summary>
    Slack,

    /// <summary>By mail.</summary>
    Email,
}

/// <summary>An address that is told of events.</summary>
/// <param name="Url">Absolute, <c>http</c> or <c>https</c>, without query; null of other formats than <see cref="WebhookFormat.Standard"/>.</param>
/// <param name="Events">At least one.</param>
/// <param name="Secrets">Names of one or two <c>Secret</c> resources; what is sent is signed with each. Of Slack's the one that holds the address; of mail none.</param>
public sealed record WebhookResource(string Name, Uri? Url, ImmutableArray<WebhookEvent> Events, ImmutableArray<string> Secrets) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Webhook";

    /// <summary>The tenant of whose budgets alone it is told; null: of every budget.</summary>
    public string? Tenant { get; init; }

    /// <summary>In which form it is told.</summary>
    public WebhookFormat Format { get; init; }

    /// <summary>To whom mail goes, ten at most.</summary>
    public ImmutableArray<string> To { get; init; } = [];

    public override string Kind => KindName;
}
