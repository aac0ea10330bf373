using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Webhooks that are told of one tenant alone.</summary>
public sealed class TenantWebhookTests(WebhookGateway shared) : IClassFixture<WebhookGateway>
{
    private static readonly string[] Subjects = ["workspace", "organisation/*", "tenant/*", "team/*", "user/*", "key/*"];
    private readonly Gateway _gateway = shared.Gateway;

    [Fact]
    public async Task A_webhook_of_a_tenant_is_told_of_the_tenant_its_teams_users_and_keys_and_of_nobody_elses()
    {
        await using var model = await OwnModel.StartAsync();
        await using var receiver = await Upstream.StartAsync("taken");
        await _gateway.ApplyAsync(string.Join("\n---\n", Subjects.Select((subject, i) => $"{OwnModel.Bundle($"m{i}", model)}\n---\n{Budget(i, subject)}").Append(Hooks(receiver))));
        var (mine, others) = (await TenantAsync("acme"), await TenantAsync("acme-2"));

        await ExhaustAsync(mine.Key);
        await ExhaustAsync(others.Key);

        // The workspace and the organisation have one budget each for both tenants, all else one for each of them.
        await Eventually.TrueAsync(async () => (await ToldAsync("all")).Length == 10, "the webhook for all is told of all");
        Assert.Equal([$"m2/tenant/acme", $"m3/team/acme/core", $"m4/user/acme/ada", $"m5/key/{mine.Id}"], await ToldAsync("one"));
        await Eventually.TrueAsync(() => Task.FromResult(receiver.Requests.Count(r => r.Target is "/one") == 4), "they are sent");
    }

    private static string Budget(int number, string subject) => $$"""
        kind: Budget
        name: m{{number}}
        subject: {{subject}}
        for: { model: m{{number}} }
        amount: { requests: 1 }
        window: { every: month }
        """;

    private static string Hooks(Upstream receiver) => $$"""
        kind: Secret
        name: sign
        value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
        ---
        kind: Webhook
        name: all
        url: {{receiver.Address}}/all
        events: [budget.exhausted]
        secrets: [sign]
        ---
        kind: Webhook
        name: one
        url: {{receiver.Address}}/one
        tenant: acme
        events: [budget.exhausted]
        secrets: [sign]
        """;

    private async Task<(string Id, string Key)> TenantAsync(string name)
    {
        await _gateway.Admin.PostAsync("tenants", new { name, organisation = "group" });
        var key = await _gateway.Admin.PostAsync($"tenants/{name}/keys", new { user = "ada", team = "core" });
        return (key.GetProperty("id").GetString()!, key.GetProperty("key").GetString()!);
    }

    private async Task ExhaustAsync(string key)
    {
        using var client = _gateway.Client(key);
        for (var i = 0; i < Subjects.Length; i++)
        {
            await OwnModel.AskAsync(client, $"m{i}");
            Assert.Equal(HttpStatusCode.TooManyRequests, (await OwnModel.AskAsync(client, $"m{i}")).Status);
        }
    }

    private async Task<string[]> ToldAsync(string webhook) =>
        [.. (await _gateway.Admin.GetAsync($"webhooks/{webhook}/deliveries")).GetProperty("items").Deserialize<Delivery[]>(JsonSerializerOptions.Web)!.Select(d => d.About).Order(StringComparer.Ordinal)];

    private sealed record Delivery(string About);
}
