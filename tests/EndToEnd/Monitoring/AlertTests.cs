using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>Alerts from an edge's instrument to whoever wants to be told.</summary>
public sealed class AlertTests(AlertTests.AlertGateway shared) : IClassFixture<AlertTests.AlertGateway>
{
    private readonly Gateway _gateway = shared.Gateway;

    [Fact]
    public async Task An_alert_over_requests_of_an_edge_fires_is_told_signed_and_ends_and_is_in_the_history_and_the_events()
    {
        await using var receiver = await Upstream.StartAsync("taken");
        await _gateway.ApplyAsync($$"""
            kind: Secret
            name: alerted
            value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
            ---
            kind: Webhook
            name: alerted
            url: {{receiver.Address}}
            events: [alert.firing, alert.resolved]
            secrets: [alerted]
            ---
            kind: Alert
            name: too-many-404
            summary: Clients ask for what is not there.
            metric: sluice.edge.request.duration
            labels: { outcome: 4xx }
            above: 2
            severity: critical
            """);
        await WantedAsync();
        await AskForNothingAsync(3);

        var told = await ToldAsync(receiver, "alert.firing");
        Assert.Equal(("too-many-404", "critical", "Clients ask for what is not there.", true), (told.GetProperty("alert").GetString(), told.GetProperty("severity").GetString(), told.GetProperty("summary").GetString(), told.GetProperty("value").GetDouble() > 2));
        Assert.StartsWith("v1,", receiver.Requests.First().Headers["webhook-signature"], StringComparison.Ordinal);
        Assert.Equal("firing", (await StateAsync("too-many-404")).GetProperty("phase").GetString());
        Assert.Contains("increase of sluice.edge.request.duration{outcome=4xx} over 5m above 2", await new Shell(_gateway).DoneAsync("alerts"), StringComparison.Ordinal);

        await _gateway.ApplyAsync("kind: Alert\nname: too-many-404\nenabled: false");
        await ToldAsync(receiver, "alert.resolved");

        Assert.Equal(["resolved", "firing"], await HistoryAsync("too-many-404"));
        var events = await new Shell(_gateway).DoneAsync("alerts", "history");
        Assert.Contains("too-many-404", events, StringComparison.Ordinal);
        await _gateway.Admin.DeleteAsync("alerts/too-many-404");
    }

    [Fact]
    public async Task A_silenced_alert_is_told_to_nobody_and_kept_all_the_same()
    {
        await using var receiver = await Upstream.StartAsync("taken");
        var shell = new Shell(_gateway);
        await _gateway.ApplyAsync($$"""
            kind: Secret
            name: quiet
            value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
            ---
            kind: Webhook
            name: quiet
            url: {{receiver.Address}}
            events: [alert.firing]
            secrets: [quiet]
            ---
            kind: Alert
            name: quiet
            metric: sluice.edge.revision
            above: 1000000
            """);
        var silence = await shell.JsonAsync("alerts", "silence", "quiet", "--for", "1h", "--reason", "a test");
        await _gateway.ApplyAsync("kind: Alert\nname: quiet\nmetric: sluice.edge.revision\nabove: 0");

        await Eventually.TrueAsync(async () => (await HistoryAsync("quiet")).SequenceEqual(["firing"], StringComparer.Ordinal), "it fires");

        Assert.True((await StateAsync("quiet")).GetProperty("isSilenced").GetBoolean());
        Assert.Contains("a test", await shell.DoneAsync("alerts", "silences"), StringComparison.Ordinal);
        await shell.DoneAsync("alerts", "unsilence", silence.GetProperty("id").GetString()!);
        Assert.Contains("There is no silence", await shell.FailsAsync(1, "alerts", "unsilence", "sil_nothing"), StringComparison.Ordinal);
        Assert.Contains("must be a time from 1m to 30d", await shell.FailsAsync(1, "alerts", "silence", "quiet", "--for", "1s"), StringComparison.Ordinal);
        Assert.DoesNotContain(receiver.Requests, r => JsonSerializer.Deserialize<JsonElement>(r.Body).GetProperty("data").GetProperty("alert").GetString() is "quiet");
    }

    [Fact]
    public async Task Slack_and_mail_are_told_in_words_and_nobody_sees_the_address_of_Slacks()
    {
        await using var slack = await Upstream.StartAsync("ok");
        await _gateway.ApplyAsync($$"""
            kind: Secret
            name: slack
            value: {{slack.Address}}/services/T1/B1/hidden
            ---
            kind: Webhook
            name: slack
            format: slack
            events: [budget.warning]
            secrets: [slack]
            ---
            kind: Webhook
            name: mail
            format: email
            to: [ops@example.com, ada@example.com]
            events: [budget.warning]
            ---
            kind: Alert
            name: in-words
            summary: Revisions <come> & go.
            metric: sluice.edge.revision
            above: 0
            severity: critical
            send: [slack, mail]
            """);

        await Eventually.TrueAsync(() => Task.FromResult(!slack.Requests.IsEmpty && !shared.Mail.Mails.IsEmpty), "both are told");

        var posted = Assert.Single(slack.Requests);
        Assert.Equal("/services/T1/B1/hidden", posted.Target);
        var text = JsonSerializer.Deserialize<JsonElement>(posted.Body).GetProperty("text").GetString()!;
        Assert.StartsWith("*[critical] in-words is firing*\nRevisions &lt;come&gt; &amp; go.\nmax of sluice.edge.revision above 0\nvalue ", text, StringComparison.Ordinal);
        var (to, mail) = Assert.Single(shared.Mail.Mails);
        Assert.Equal("ops@example.com,ada@example.com", to);
        Assert.Contains("Subject: [critical] in-words is firing", mail, StringComparison.Ordinal);
        Assert.Contains("From: sluice@example.com", mail, StringComparison.Ordinal);
        Assert.Contains("Revisions <come> & go.", mail, StringComparison.Ordinal);
        Assert.Contains("Message-Id: <msg_", mail, StringComparison.OrdinalIgnoreCase);
        foreach (var webhook in new[] { "slack", "mail" })
        {
            await Eventually.TrueAsync(async () => (await _gateway.Admin.GetAsync($"webhooks/{webhook}/deliveries")).ToString().Contains("\"delivered\"", StringComparison.Ordinal), "it is noted as taken");
            Assert.DoesNotContain("hidden", (await _gateway.Admin.GetAsync($"webhooks/{webhook}/deliveries")).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sluices_own_alerts_are_there_and_one_of_a_name_of_theirs_takes_its_place()
    {
        var own = await StateAsync("edges-behind");
        Assert.Equal((true, "critical"), (own.GetProperty("isBuiltIn").GetBoolean(), own.GetProperty("severity").GetString()));

        await _gateway.ApplyAsync("kind: Alert\nname: upstreams-ejected\nenabled: false");
        Assert.DoesNotContain(await StatesAsync(), a => a.GetProperty("alert").GetString() is "upstreams-ejected");
        await _gateway.Admin.DeleteAsync("alerts/upstreams-ejected");
        Assert.Contains(await StatesAsync(), a => a.GetProperty("alert").GetString() is "upstreams-ejected");

        var (status, body) = await _gateway.Admin.SendAsync(HttpMethod.Put, "alerts/states", """{"metric":"sluice.edge.revision","above":1,"send":["nowhere"]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("must not be one of states, history, silences", body.ToString(), StringComparison.Ordinal);
        (_, body) = await _gateway.Admin.SendAsync(HttpMethod.Put, "alerts/sent", """{"metric":"sluice.edge.revision","above":1,"send":["nowhere"]}""");
        Assert.Contains("there is no Webhook 'nowhere'", JsonSerializer.Deserialize<JsonElement>(body.ToString()).GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    // What is counted before a process was asked for it is of before.
    private async Task WantedAsync()
    {
        await AskForNothingAsync(1);
        await Eventually.TrueAsync(async () =>
        {
            await AskForNothingAsync(1);
            return (await StateAsync("too-many-404")).TryGetProperty("value", out _);
        }, "the edge tells of it");
    }

    private async Task AskForNothingAsync(int times)
    {
        using var client = _gateway.Client();
        for (var i = 0; i < times; i++)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/nothing", TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    private static async Task<JsonElement> ToldAsync(Upstream receiver, string type)
    {
        var found = default(JsonElement);
        await Eventually.TrueAsync(
            () =>
            {
                found = receiver.Requests.Select(r => JsonSerializer.Deserialize<JsonElement>(r.Body)).FirstOrDefault(b => b.GetProperty("type").ValueEquals(type) && b.GetProperty("data").GetProperty("alert").GetString() is "too-many-404");
                return Task.FromResult(found.ValueKind is JsonValueKind.Object);
            },
            $"{type} is told");
        return found.GetProperty("data");
    }

    private async Task<JsonElement[]> StatesAsync() => [.. (await _gateway.Admin.GetAsync("alerts/states")).GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> StateAsync(string alert) => (await StatesAsync()).Single(a => string.Equals(a.GetProperty("alert").GetString(), alert, StringComparison.Ordinal));

    private async Task<string?[]> HistoryAsync(string alert) =>
        [.. (await _gateway.Admin.GetAsync("alerts/history")).GetProperty("items").EnumerateArray().Where(t => string.Equals(t.GetProperty("alert").GetString(), alert, StringComparison.Ordinal)).Select(t => t.GetProperty("phase").GetString())];

    /// <summary>A gateway whose alerts are evaluated five times a second.</summary>
    public sealed class AlertGateway : IAsyncLifetime
    {
        public Gateway Gateway { get; private set; } = null!;

        public MailServer Mail { get; } = new();

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__ALERTS__EVERY"] = "200ms",
            ["SLUICE__WEBHOOKS__OPENRANGES"] = "127.0.0.0/8",
            ["SLUICE__MAIL__HOST"] = "127.0.0.1",
            ["SLUICE__MAIL__PORT"] = Mail.Port.ToString(CultureInfo.InvariantCulture),
            ["SLUICE__MAIL__TLS"] = "false",
            ["SLUICE__MAIL__FROM"] = "sluice@example.com",
        });

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Mail.DisposeAsync();
        }
    }
}
