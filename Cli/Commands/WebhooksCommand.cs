using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice webhooks</c></summary>
internal static class WebhooksCommand
{
    private static readonly string[] Columns = ["ID", "EVENT", "ABOUT", "AT", "STATE", "ATTEMPTS", "NEXT", "ERROR"];

    public static Command Define()
    {
        var name = new Argument<string>("webhook") { Description = "The webhook's name." };
        var id = new Argument<string>("id") { Description = "As the deliveries list it." };
        return new Command("webhooks", "Show what became of that which webhooks are told, and send it anew.")
        {
            AdminSession.Define(
                "deliveries",
                "List what waits, and what was sent or given up of late.",
                async (session, parsed, cancellation) =>
                {
                    var list = await session.Client.GetAsync<DeliveryList>(ApiPath.Join("webhooks", parsed.GetRequiredValue(name), "deliveries"), cancellation);
                    return session.Write(list, Columns, list.Items.Select(Row));
                },
                name),
            AdminSession.Define(
                "resend",
                "Send one anew, now, under the same webhook-id.",
                async (session, parsed, cancellation) =>
                {
                    var path = ApiPath.Join("webhooks", parsed.GetRequiredValue(name), "deliveries", parsed.GetRequiredValue(id), "resend");
                    var delivery = await session.Client.PostAsync<WebhookDelivery>(path, null, cancellation);
                    return session.Write(delivery, Columns, [Row(delivery)]);
                },
                name,
                id),
        };
    }

    private static string[] Row(WebhookDelivery d) =>
    [
        d.Id, d.Event, d.About, Time(d.At), d.State.ToString().ToLowerInvariant(), d.Attempts.ToString(CultureInfo.InvariantCulture), d.NextAt is { } next ? Time(next) : "", d.Error ?? "",
    ];

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
