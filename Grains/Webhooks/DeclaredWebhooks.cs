using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Webhooks;

/// <summary>The webhooks of a workspace's active revision. What is sealed is opened for one attempt, and kept nowhere.</summary>
internal sealed class DeclaredWebhooks(string workspace, IGrainFactory grains, KeyringSource keyrings, ILogger log)
{
    private readonly ICatalogGrain _catalog = grains.GetGrain<ICatalogGrain>(workspace);
    private long _readAt = -1;
    private ImmutableArray<WebhookResource> _all = [];

    /// <summary>Those that want to be told.</summary>
    public Task<IReadOnlyList<WebhookResource>> ForAsync(BudgetNotice notice) => ForAsync(notice.Event, tenant => ConcernsAsync(tenant, notice.Subject));

    /// <summary>The same for news of a subscription.</summary>
    public Task<IReadOnlyList<WebhookResource>> ForAsync(SubscriptionNotice notice) =>
        ForAsync(notice.Event, tenant => Task.FromResult(string.Equals(tenant, notice.Tenant, StringComparison.Ordinal)));

    /// <summary>The same for an alert, which is no tenant's.</summary>
    public Task<IReadOnlyList<WebhookResource>> ForAsync(AlertNotice notice) => ForAsync(notice.Event, _ => Task.FromResult(false), notice.Send);

    private async Task<IReadOnlyList<WebhookResource>> ForAsync(WebhookEvent happened, Func<string, Task<bool>> concernsAsync, ImmutableArray<string> named = default)
    {
        // The head is read first: what is read after it is at least as new.
        var head = await _catalog.GetHeadAsync();
        if (head.Revision != _readAt)
        {
            _all = [.. (await _catalog.GetResourcesAsync(WebhookResource.KindName)).Select(body => ResourceReader.Read(body.Json).Resource).OfType<WebhookResource>()];
            _readAt = head.Revision;
        }

        var wanted = new List<WebhookResource>();
        foreach (var webhook in _all.Where(webhook => webhook.Events.Contains(happened) || (!named.IsDefault && named.Contains(webhook.Name, StringComparer.Ordinal))))
        {
            if (webhook.Tenant is not { } tenant || await concernsAsync(tenant))
            {
                wanted.Add(webhook);
            }
        }

        return wanted;
    }

    /// <summary>One as it is declared now; null where it is not.</summary>
    public async Task<WebhookResource?> FindAsync(string name) =>
        await _catalog.GetResourceAsync(WebhookResource.KindName, name) is { } body ? ResourceReader.Read(body.Json).Resource as WebhookResource : null;

    /// <summary>Where a webhook of Slack's form is, or what is wrong with the secret that holds it.</summary>
    public async Task<(Uri? Url, string? Error)> AddressAsync(WebhookResource webhook)
    {
        var name = webhook.Secrets[0];
        return await OpenAsync(await keyrings.GetAsync(), name) is not { } opened ? (null, $"Secret '{name}' could not be opened.")
            : Uri.TryCreate(opened.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? (url, null)
            : (null, $"Secret '{name}' must be the address of the webhook, as Slack shows it.");
    }

    /// <summary>The keys with which a webhook's messages are signed, or what is wrong with them.</summary>
    public async Task<(IReadOnlyList<byte[]> Keys, string? Error)> KeysAsync(WebhookResource webhook)
    {
        var keys = new List<byte[]>(webhook.Secrets.Length);
        var keyring = await keyrings.GetAsync();
        foreach (var name in webhook.Secrets)
        {
            if (await OpenAsync(keyring, name) is not { } opened)
            {
                return ([], $"Secret '{name}' could not be opened.");
            }

            if (WebhookSignature.KeyOf(opened) is not { } key)
            {
                return ([], $"Secret '{name}' {WebhookSignature.Rule}.");
            }

            keys.Add(key);
        }

        return (keys, null);
    }

    private async Task<string?> OpenAsync(Keyring keyring, string name) =>
        await _catalog.GetResourceAsync(SecretResource.KindName, name) is { } body && SealedBody.Open(keyring, workspace, body, log) is { } opened ? opened.Value : null;

    // A budget of the workspace or an organisation is of many tenants, and so of none.
    private Task<bool> ConcernsAsync(string tenant, string subject) => Subjects.KeyOf(subject) is { } key
        ? grains.GetGrain<ITenantGrain>(GrainKeys.Join(workspace, tenant)).OwnsAsync(key)
        : Task.FromResult(string.Equals(Subjects.TenantOf(subject), tenant, StringComparison.Ordinal));
}
