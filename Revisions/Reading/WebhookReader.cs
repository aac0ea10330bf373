using System.Collections.Immutable;
using System.Globalization;
using System.Net.Mail;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Webhook</c>.</summary>
internal static class WebhookReader
{
    private const int MostSecrets = 2;
    private const int MostTo = 10;

    public static Resource Read(string name, Fields fields)
    {
        var format = fields.OneOf<WebhookFormat>("format", WebhookFormat.Standard);
        var url = format is WebhookFormat.Standard ? fields.Address("url", required: true) : null;
        if (format is not WebhookFormat.Standard && fields.Has("url"))
        {
            fields.Wrong("url", format is WebhookFormat.Slack ? "is a secret with format: slack; name in 'secrets' the one that holds it" : "has no effect with format: email; leave it out");
        }

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

        var to = ReadTo(fields, format);
        var secrets = fields.Texts("secrets", required: format is not WebhookFormat.Email);
        if (format is WebhookFormat.Email && !secrets.IsEmpty)
        {
            fields.Wrong("secrets", "has no effect with format: email; leave it out");
        }
        else if (format is WebhookFormat.Slack && secrets.Length > 1)
        {
            fields.Wrong("secrets", "must be one Secret with format: slack, whose value is the address");
        }
        else if (secrets.Length > MostSecrets)
        {
            fields.Wrong("secrets", "must be one Secret, or two while the first is replaced by the second");
        }

        var tenant = fields.TextOrNull("tenant");
        if (tenant is not null && !Names.IsResource(tenant))
        {
            fields.Wrong("tenant", $"is no tenant's name: {Names.ResourceRule}");
        }

        return new WebhookResource(name, url, events.ToImmutable(), secrets) { Tenant = tenant, Format = format, To = to };
    }

    private static ImmutableArray<string> ReadTo(Fields fields, WebhookFormat format)
    {
        var to = fields.Texts("to", required: format is WebhookFormat.Email);
        if (format is not WebhookFormat.Email && !to.IsEmpty)
        {
            fields.Wrong("to", "has an effect with format: email alone; leave it out");
        }

        foreach (var (address, i) in to.Select((address, i) => (address, i)))
        {
            if (!MailAddress.TryCreate(address, out var read) || !string.Equals(read.Address, address, StringComparison.Ordinal))
            {
                fields.Wrong(string.Create(CultureInfo.InvariantCulture, $"to[{i}]"), $"must be an address such as ops@example.com, is '{address}'");
            }
        }

        if (to.Length > MostTo)
        {
            fields.Wrong("to", "must be ten addresses at most; use a list of your mail server's");
        }

        return to;
    }
}
