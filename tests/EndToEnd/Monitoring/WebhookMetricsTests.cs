using System.Net;
using Sluice.Tests.EndToEnd.Accounts;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>What became of deliveries to webhooks, as the silo's metrics tell it.</summary>
public sealed class WebhookMetricsTests(WebhookGateway shared) : IClassFixture<WebhookGateway>
{
    private readonly Gateway _gateway = shared.Gateway;

    [Fact]
    public async Task Deliveries_are_counted_by_what_became_of_them_and_every_outcome_is_there_at_0()
    {
        Assert.Equal((0, 0, 0), await CountsAsync());
        var answers = new Queue<int>([500, 503, 204]);
        await using var model = await OwnModel.StartAsync();
        await using var fails = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = answers.Dequeue();
            return Task.CompletedTask;
        });
        await using var gone = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        });
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, "counted", OwnModel.Bundle("counted", model), Hook("fails", fails), Hook("gone", gone), """
            kind: Secret
            name: counted
            value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
            ---
            kind: Budget
            name: counted
            subject: tenant/counted
            amount: { requests: 1 }
            window: { every: month }
            """));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [(await OwnModel.AskAsync(client, "counted")).Status, (await OwnModel.AskAsync(client, "counted")).Status]);

        await Eventually.TrueAsync(async () => await CountsAsync() == (1, 2, 1), "one is taken at the third attempt, one given up at the first");
    }

    private static string Hook(string name, Upstream receiver) => $$"""
        kind: Webhook
        name: {{name}}
        url: {{receiver.Address}}
        events: [budget.exhausted]
        secrets: [counted]
        """;

    private async Task<(double? Delivered, double? Retried, double? DeadLetter)> CountsAsync()
    {
        var silo = await Scrape.OfAsync(_gateway.Sluice.Admin, _gateway.AdminKey);
        return (Of("delivered"), Of("retried"), Of("dead-letter"));

        double? Of(string outcome) => silo.Value("sluice_webhooks_deliveries_total", $"outcome=\"{outcome}\"");
    }
}
