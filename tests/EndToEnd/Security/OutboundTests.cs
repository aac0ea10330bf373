using System.Net;
using System.Net.WebSockets;
using Sluice.Tests.EndToEnd.Realtime;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Addresses that somebody declared and that are not connected to: by edges, on each of their ways to upstreams, and by webhooks.</summary>
public sealed class OutboundTests(SharedGateway shared)
{
    private static readonly Dictionary<string, string> OnlyOne = new(StringComparer.Ordinal) { ["SLUICE__EDGE__PRIVATEUPSTREAMS"] = "false", ["SLUICE__EDGE__OPENRANGES"] = "127.0.0.2/32" };

    [Fact]
    public async Task An_edge_connects_to_near_networks_only_where_its_settings_open_them_and_to_metadata_never()
    {
        await using var gateway = await Gateway.StartAsync(OnlyOne);
        await using var near = await Upstream.StartAsync("near");
        await using var open = await Upstream.StartAsync("open", IPAddress.Parse("127.0.0.2"));
        await gateway.ApplyAsync(string.Join("\n---\n", [
            Route("near", near.Address), Route("near2", near.Address, "http2"), Route("open", open.Address), Route("metadata", "http://169.254.169.254"), Route("number", "http://2852039166"),
            Route("mapped", "https://[::ffff:169.254.169.254]"), Route("name", "http://metadata.google.internal"), OwnModel.Bundle("near", near), ModelAt("metadata", "http://0251.0376.0251.0376/v1")]));
        using var client = gateway.Client();

        Assert.Equal("open", await client.GetStringAsync("/open"));
        foreach (var path in new[] { "/near", "/near2", "/metadata", "/number", "/mapped", "/name" })
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode is HttpStatusCode.BadGateway, $"{path}: {answer.StatusCode}");
        }

        Assert.Equal(HttpStatusCode.BadGateway, (await OwnModel.AskAsync(client, "near")).Status);
        Assert.Equal(HttpStatusCode.BadGateway, (await OwnModel.AskAsync(client, "metadata")).Status);
        Assert.Empty(near.Requests);

        await using var voice = await RealtimeProvider.StartAsync();
        await gateway.ApplyAsync(ModelAt("voice", voice.Address));
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => RealtimeClient.ConnectAsync(gateway, "voice", gateway.TenantKey));
        Assert.Contains("502", refused.Message, StringComparison.Ordinal);
        Assert.Empty(voice.Requests);
    }

    [Fact]
    public async Task A_webhook_reaches_no_near_network_that_the_operator_did_not_open()
    {
        var name = $"o{Guid.NewGuid():n}"[..12];
        await using var near = await Upstream.StartAsync("near");
        using var client = shared.Gateway.Client(await OwnModel.ApplyAsync(shared.Gateway, name, OwnModel.Bundle(name, near), ExhaustedHook(name, $"{near.Address}/hook")));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [(await OwnModel.AskAsync(client, name)).Status, (await OwnModel.AskAsync(client, name)).Status]);

        await Eventually.TrueAsync(
            async () => (await shared.Gateway.Admin.GetAsync($"webhooks/{name}/deliveries")).ToString().Contains("'127.0.0.1' is not connected to: it is this machine itself", StringComparison.Ordinal),
            "the refusal is told");
        await shared.Gateway.Admin.DeleteAsync($"webhooks/{name}");
        Assert.DoesNotContain(near.Requests, r => string.Equals(r.Target, "/hook", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_edge_connects_to_no_port_of_its_own_cluster_and_neither_do_webhooks_that_may_be_near()
    {
        var ops = Ports.Free();
        await using var gateway = await Gateway.StartAsync(Opening("127.0.0.0/8"), ops);
        await using var near = await OwnModel.StartAsync();
        var admin = gateway.Sluice.Admin.GetLeftPart(UriPartial.Authority);
        var name = $"o{Guid.NewGuid():n}"[..12];
        using var client = gateway.Client(await OwnModel.ApplyAsync(
            gateway,
            name,
            Route("admin", admin),
            Route("admin2", admin, "http2"),
            Route("ops", $"http://127.0.0.1:{ops}"),
            OwnModel.Bundle(name, near),
            ExhaustedHook(name, $"{admin}/api/v1/hook")));

        foreach (var path in new[] { "/admin", "/admin2", "/ops" })
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode is HttpStatusCode.BadGateway, $"{path}: {answer.StatusCode}");
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [(await OwnModel.AskAsync(client, name)).Status, (await OwnModel.AskAsync(client, name)).Status]);
        await Eventually.TrueAsync(
            async () => (await gateway.Admin.GetAsync($"webhooks/{name}/deliveries")).ToString().Contains($"'127.0.0.1' is not connected to: at port {gateway.Sluice.Admin.Port} is the admin API of this cluster", StringComparison.Ordinal),
            "the refusal is told");
    }

    [Fact]
    public async Task An_operator_opens_a_port_of_the_cluster_by_its_address_and_number()
    {
        var ops = Ports.Free();
        await using var gateway = await Gateway.StartAsync(Opening($"127.0.0.1:{ops}"), ops);
        await gateway.ApplyAsync(Route("metrics", $"http://127.0.0.1:{ops}"));
        using var client = gateway.Client();

        Assert.Contains("sluice_edge_", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edge_of_its_own_connects_to_no_port_of_the_silo_that_its_settings_name()
    {
        using var folder = new TemporaryFolder();
        var (port, gateway) = (Ports.Free(), Ports.Free());
        await using var silo = await SluiceProcess.StartAsync(["silo", "--admin", $"{port}", "--silo-port", "0", "--gateway-port", $"{gateway}", "--data", folder.Path]);
        await using var edge = await SluiceProcess.StartAsync(
            ["edge", "--http", "0", "--ops", "0", "--listen", "127.0.0.1", "--gateway-port", $"{gateway}"], new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__ADMIN"] = $"{port}" });
        using var admin = new AdminApi(silo.Admin, silo.Line.AdminKey!);
        await using var near = await Upstream.StartAsync("near");
        await admin.ApplyAsync(string.Join("\n---\n", [Route("near", near.Address), Route("healthz", $"http://127.0.0.1:{port}"), Route("gateway", $"http://127.0.0.1:{gateway}")]));
        using var client = new HttpClient { BaseAddress = edge.Edge };

        Assert.Equal("near", await client.GetStringAsync("/near"));
        foreach (var path in new[] { "/healthz", "/gateway" })
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode is HttpStatusCode.BadGateway, $"{path}: {answer.StatusCode}");
        }

        await edge.LoggedAsync("is a gateway of this cluster");
    }

    private static Dictionary<string, string> Opening(string ranges) =>
        new(StringComparer.Ordinal) { ["SLUICE__EDGE__OPENRANGES"] = ranges, ["SLUICE__WEBHOOKS__OPENRANGES"] = ranges, ["SLUICE__WEBHOOKS__FIRSTRETRY"] = "100ms" };

    private static string ExhaustedHook(string name, string url) => $$"""
        kind: Secret
        name: {{name}}
        value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
        ---
        kind: Webhook
        name: {{name}}
        url: {{url}}
        events: [budget.exhausted]
        secrets: [{{name}}]
        ---
        kind: Budget
        name: {{name}}
        subject: tenant/{{name}}
        amount: { requests: 1 }
        window: { every: month }
        """;

    private static string Route(string name, string address, string protocol = "http1") => $$"""
        kind: Upstream
        name: {{name}}
        addresses: ["{{address}}"]
        protocol: {{protocol}}
        ---
        kind: Route
        name: {{name}}
        match: { path: /{{name}} }
        split: [{ upstream: {{name}} }]
        """;

    private static string ModelAt(string name, string address) => $$"""
        kind: Provider
        name: {{name}}
        address: "{{address}}"
        ---
        kind: Model
        name: {{name}}
        targets: [{ provider: {{name}}, model: any }]
        """;
}
