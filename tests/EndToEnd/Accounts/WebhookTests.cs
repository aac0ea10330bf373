using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Webhooks of budgets, at real receivers.</summary>
public sealed class WebhookTests(WebhookGateway shared) : IClassFixture<WebhookGateway>
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] NewKey = [.. Enumerable.Range(100, 24).Select(i => (byte)i)];
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"w{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_warning_and_a_refusal_are_told_once_each_signed_with_both_keys()
    {
        await using var receiver = await Upstream.StartAsync("taken");
        using var client = await DeclareAsync(receiver, requests: 4);
        await SpendAsync(client, HttpStatusCode.OK, HttpStatusCode.OK);
        var warning = await ReceivedAsync(receiver, "budget.warning");

        await SpendAsync(client, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests);
        var exhausted = await ReceivedAsync(receiver, "budget.exhausted");
        await Eventually.TrueAsync(async () => (await DeliveriesAsync()).Count(d => d.State is "delivered") == 2, "both are taken");

        foreach (var request in new[] { warning, exhausted })
        {
            var signed = Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(request.Body)}");
            Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(Key, signed))} v1,{Convert.ToBase64String(HMACSHA256.HashData(NewKey, signed))}", request.Headers["webhook-signature"]);
            Assert.InRange(long.Parse(request.Headers["webhook-timestamp"], null), DateTimeOffset.UnixEpoch.ToUnixTimeSeconds() + 1, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
            Assert.StartsWith("application/json", request.Headers["Content-Type"], StringComparison.Ordinal);
        }

        Assert.Equal(2, receiver.Requests.Count(IsOfMine));
        Assert.NotEqual(warning.Headers["webhook-id"], exhausted.Headers["webhook-id"]);
        var data = JsonSerializer.Deserialize<JsonElement>(warning.Body).GetProperty("data");
        Assert.Equal(
            ("default", $"tenant/{_name}", "requests", 4, 50),
            (data.GetProperty("workspace").GetString(), data.GetProperty("subject").GetString(), data.GetProperty("unit").GetString(), data.GetProperty("limit").GetInt64(), data.GetProperty("sharePercent").GetInt32()));
    }

    [Fact]
    public async Task A_receiver_that_fails_twice_gets_the_same_the_third_time()
    {
        var answers = new Queue<int>([500, 503]);
        await using var receiver = await Upstream.StartAsync((http, request) =>
        {
            http.Response.StatusCode = IsOfMine(request) && answers.TryDequeue(out var status) ? status : 200;
            return Task.CompletedTask;
        });
        await ExhaustAsync(receiver);

        var delivery = await EndedAsync();

        Assert.Equal(("delivered", 3), (delivery.State, delivery.Attempts));
        var mine = receiver.Requests.Where(IsOfMine).ToArray();
        Assert.Equal([delivery.Id, delivery.Id, delivery.Id], mine.Select(r => r.Headers["webhook-id"]));
        Assert.Single(mine.Select(r => Encoding.UTF8.GetString(r.Body)).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_wherever_it_leads()
    {
        await using var elsewhere = await Upstream.StartAsync("elsewhere");
        var places = new Queue<string>([elsewhere.Address, "http://169.254.169.254/latest/meta-data/"]);
        await using var receiver = await Upstream.StartAsync((http, request) =>
        {
            if (IsOfMine(request) && places.TryDequeue(out var place))
            {
                http.Response.Redirect(place, permanent: false, preserveMethod: places.Count == 0);
            }

            return Task.CompletedTask;
        });
        await ExhaustAsync(receiver);

        var delivery = await EndedAsync();

        Assert.Equal(("delivered", 3), (delivery.State, delivery.Attempts));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Who_wants_nothing_any_more_is_left_alone_which_is_told_and_what_was_given_up_can_be_sent_anew()
    {
        var status = 410;
        await using var receiver = await Upstream.StartAsync((http, request) =>
        {
            http.Response.StatusCode = IsOfMine(request) ? Volatile.Read(ref status) : 200;
            return Task.CompletedTask;
        });
        await ExhaustAsync(receiver);

        var failed = await EndedAsync();
        Assert.Equal(("failed", 1, "It answered 410: nothing is wanted there any more."), (failed.State, failed.Attempts, failed.Error));
        Assert.Contains($"\"{_name}/{failed.Id}\"", await EventAsync("webhook-failed"), StringComparison.Ordinal);

        Volatile.Write(ref status, 204);
        var shell = new Shell(_gateway);
        Assert.Contains(failed.Id, await shell.DoneAsync("webhooks", "resend", _name, failed.Id), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await DeliveriesAsync()).All(d => d.State is "delivered"), "it is taken");
        Assert.Contains("delivered", await shell.DoneAsync("webhooks", "deliveries", _name), StringComparison.Ordinal);
        Assert.Contains("there is no", await shell.FailsAsync(1, "webhooks", "deliveries", "nobody"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Metadata_and_a_secret_that_is_no_key_are_told_as_why_nothing_is_sent()
    {
        await using var receiver = await Upstream.StartAsync("taken");
        await ExhaustAsync(receiver, url: "http://169.254.169.254/latest");
        await WaitsWithAsync("'169.254.169.254' is not connected to: it is where a cloud keeps its metadata.");

        await _gateway.ApplyAsync(Hook(receiver.Address, "not a key"));
        await WaitsWithAsync($"Secret '{_name}' must be whsec_ and 24 to 64 bytes in base64.");
        Assert.Empty(receiver.Requests);
    }

    private bool IsOfMine(ReceivedRequest request) => Encoding.UTF8.GetString(request.Body).Contains($"\"budget\":\"{_name}\"", StringComparison.Ordinal);

    private string Hook(string url, string secret) => $$"""
        kind: Secret
        name: {{_name}}
        value: "{{secret}}"
        ---
        kind: Secret
        name: {{_name}}-new
        value: "whsec_{{Convert.ToBase64String(NewKey)}}"
        ---
        kind: Webhook
        name: {{_name}}
        url: "{{url}}"
        events: [budget.warning, budget.exhausted]
        secrets: [{{_name}}, {{_name}}-new]
        """;

    private async Task<HttpClient> DeclareAsync(Upstream receiver, int requests, string? url = null) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, Hook(url ?? receiver.Address, $"whsec_{Convert.ToBase64String(Key)}"), Sandbox(), $$"""
            kind: Budget
            name: {{_name}}
            subject: tenant/{{_name}}
            amount: { requests: {{requests}} }
            window: { every: month }
            {{(requests > 1 ? "warnAt: [50%]" : "")}}
            """));

    private string Sandbox() => $$"""
        kind: Provider
        name: {{_name}}
        dialect: sandbox
        ---
        kind: Model
        name: {{_name}}
        targets: [{ provider: {{_name}}, model: any }]
        """;

    private async Task SpendAsync(HttpClient client, params HttpStatusCode[] expected)
    {
        foreach (var status in expected)
        {
            Assert.Equal(status, (await OwnModel.AskAsync(client, _name)).Status);
        }
    }

    private async Task ExhaustAsync(Upstream receiver, string? url = null)
    {
        using var client = await DeclareAsync(receiver, requests: 1, url);
        await SpendAsync(client, HttpStatusCode.OK, HttpStatusCode.TooManyRequests);
    }

    private Task<ReceivedRequest> ReceivedAsync(Upstream receiver, string of) => Eventually.GetAsync(
        () => Task.FromResult(receiver.Requests.FirstOrDefault(r => IsOfMine(r) && Encoding.UTF8.GetString(r.Body).Contains($"\"type\":\"{of}\"", StringComparison.Ordinal))), of);

    // Of this test's own budget: others' events come to its webhook too.
    private async Task<Delivery[]> DeliveriesAsync() =>
        [.. (await _gateway.Admin.GetAsync($"webhooks/{_name}/deliveries")).GetProperty("items").Deserialize<Delivery[]>(JsonSerializerOptions.Web)!.Where(d => d.About.StartsWith($"{_name}/", StringComparison.Ordinal))];

    private Task<Delivery> EndedAsync() => Eventually.GetAsync(async () => (await DeliveriesAsync()).SingleOrDefault(d => d.State is not "waiting"), "it has ended");

    private Task WaitsWithAsync(string error) =>
        Eventually.TrueAsync(async () => (await DeliveriesAsync()).Any(d => d.State is "waiting" && string.Equals(d.Error, error, StringComparison.Ordinal)), error);

    private async Task<string> EventAsync(string kind)
    {
        using var client = _gateway.Client(_gateway.AdminKey);
        await using var stream = await client.GetStreamAsync(new Uri(_gateway.Sluice.Admin, $"/api/v1/events?after=0&kind={kind}"));
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains(_name, StringComparison.Ordinal))
            {
                return line;
            }
        }

        return "";
    }

    private sealed record Delivery(string Id, string Event, string About, string State, int Attempts, string? Error);
}
