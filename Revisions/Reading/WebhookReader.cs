using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Webhook</c>.</summary>
internal static class WebhookReader
{
    private const int MostSecrets = 2;

    public static Resource Read(string name, Fields fields)
    {
        var url = fields.Address("url", required: true);
        var events = ImmutableArray.CreateBuilder<WebhookEvent>();
        foreach (var (text, i) in fields.Texts("events", required: true).Select((text, i) => (text, i)))
        {
            if (WebhookEvents.Find(text) is { } known)
            {
                events.Add(known);
            }
            else
            {
                fields.Wrong(
                    string.Create(CultureInfo.InvariantCulture, $"events[{i}]"), $"must be one of {string.Join(", ", WebhookEvents.Names)}; is '{text}'{Names.Suggest(text, WebhookEvents.Names)}");
            }
        }

        var secrets = fields.Texts("secrets", required: true);
        if (secrets.Length > MostSecrets)
        {
            fields.Wrong("secrets", "must be one Secret, or two while the first is replaced by the second");
        }

        var tenant = fields.TextOrNull("tenant");
        if (tenant is not null && !Names.IsResource(tenant))
        {
            fields.Wrong("tenant", $"is no tenant's name: {Names.ResourceRule}");
        }

        return new WebhookResource(name, url, events.ToImmutable(), secrets) { Tenant = tenant };
    }
}
