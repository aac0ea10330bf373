using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Tests.EndToEnd.Security;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Deployment;

/// <summary><c>sluice health</c> and what it asks: the pages by which operators' machines tell whether a process can do its part.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _admin = Ports.Free();
    private readonly int _ops = Ports.Free();
    private readonly int _gateway = Ports.Free();

    private string Data => Path.Combine(_folder.Path, "data");

    [Fact]
    public async Task A_silo_that_runs_is_ready_and_says_so_without_a_key()
    {
        await using var silo = await SluiceProcess.StartAsync(Silo());
        using var http = new HttpClient { BaseAddress = silo.Admin };

        Assert.Equal("live\n", await http.GetStringAsync("/healthz/live"));
        Assert.Equal("ready\n", await http.GetStringAsync("/healthz/ready"));
        Assert.Equal((0, $"http://127.0.0.1:{Text(_admin)}/healthz/ready: ready", ""), await HealthAsync(["silo"], ("SLUICE__ADMIN", Text(_admin))));
    }

    [Fact]
    public async Task A_silo_whose_storage_does_not_answer_is_live_and_not_ready_and_ready_again_once_it_does()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        await using var azurite = await AzuriteProcess.StartAsync();
        await using var silo = await SluiceProcess.StartAsync(Silo(), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__STORAGE"] = $"azure:{azurite.ConnectionString()}", ["SLUICE__CLUSTER"] = "azure", ["SLUICE__CLUSTERNAME"] = $"test-{Guid.NewGuid():n}",
        });
        using var http = new HttpClient { BaseAddress = silo.Admin };
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/healthz/ready"));

        await azurite.SignalAsync("STOP");

        await Eventually.TrueAsync(async () => await StatusAsync(http, "/healthz/ready") is HttpStatusCode.ServiceUnavailable, "the silo is not ready");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/healthz/live"));
        var (code, output, errors) = await HealthAsync(["--url", silo.Admin.AbsoluteUri]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("not ready (503): the storage", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("devstoreaccount1", errors, StringComparison.Ordinal);
        await azurite.SignalAsync("CONT");
        await Eventually.TrueAsync(async () => await StatusAsync(http, "/healthz/ready") is HttpStatusCode.OK, "the silo is ready again");
    }

    [Fact]
    public async Task A_silo_whose_storage_does_not_answer_ends_all_the_same_and_says_what_it_could_not_do()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        await using var azurite = await AzuriteProcess.StartAsync();
        await using var silo = await SluiceProcess.StartAsync(Silo(), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__STORAGE"] = $"azure:{azurite.ConnectionString()}", ["SLUICE__CLUSTER"] = "azure", ["SLUICE__CLUSTERNAME"] = $"test-{Guid.NewGuid():n}",
        });
        await azurite.SignalAsync("STOP");

        // Its own bound is what is tested: the process is given longer.
        Assert.Equal(0, await silo.StopAsync());

        Assert.Contains("the silo could not leave the cluster", silo.Log, StringComparison.Ordinal);
        await azurite.SignalAsync("CONT");
    }

    [Fact]
    public async Task A_silo_whose_admin_API_speaks_TLS_is_asked_so()
    {
        var certificates = await ClusterCertificates.CreateAsync(Path.Combine(_folder.Path, "pki"));
        var files = await certificates.IssueAsync("silo", "admin", ClusterCertificates.Cluster, "silo.example");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__ADMINCERTIFICATE"] = files.Certificate!, ["SLUICE__ADMINKEY"] = files.Key!, ["SLUICE__LISTENADMIN"] = "0.0.0.0", ["SLUICE__ADMIN"] = Text(_admin),
        };
        await using var silo = await SluiceProcess.StartAsync(Silo(), settings);

        var (code, output, _) = await SluiceProcess.CommandAsync(["health", "silo"], settings);

        Assert.Equal((0, $"https://127.0.0.1:{Text(_admin)}/healthz/ready: ready"), (code, output));
    }

    [Fact]
    public async Task An_edge_is_not_ready_before_it_has_a_silo_and_ready_after()
    {
        (string, string) ops = ("SLUICE__EDGE__OPS", Text(_ops));
        var (code, output, errors) = await HealthAsync([], ops);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"sluice: http://127.0.0.1:{Text(_ops)}/healthz/ready: does not answer: ", errors, StringComparison.Ordinal);

        await using var silo = await SluiceProcess.StartAsync(Silo());
        await using var edge = await SluiceProcess.StartAsync(Edge());

        (code, output, _) = await HealthAsync([], ops);
        Assert.Equal((0, $"http://127.0.0.1:{Text(_ops)}/healthz/ready: ready at default@1"), (code, output));
        (_, output, _) = await HealthAsync(["edge", "--json"], ops);
        Assert.Equal(200, JsonSerializer.Deserialize<JsonElement>(output).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task An_edge_answers_at_the_ops_address_that_it_was_given_and_at_no_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "127.0.0.2 is this machine's on Linux only");
        await using var silo = await SluiceProcess.StartAsync(Silo());
        await using var edge = await SluiceProcess.StartAsync([.. Edge(), "--listen-ops", "127.0.0.2"]);

        Assert.Equal(0, (await HealthAsync(["--url", $"http://127.0.0.2:{Text(_ops)}"])).Code);
        Assert.Equal(1, (await HealthAsync(["--url", $"http://127.0.0.1:{Text(_ops)}"])).Code);
        Assert.Equal(0, (await HealthAsync([], ("SLUICE__EDGE__OPS", Text(_ops)), ("SLUICE__EDGE__LISTENOPS", "127.0.0.2"))).Code);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_waited_for_no_longer_than_was_said()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var (code, _, errors) = await HealthAsync(["--timeout", "1", "--url", $"http://{silent.LocalEndpoint}"]);

        Assert.Equal(1, code);
        Assert.Contains("does not answer in 1 s", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_an_edges_addresses_is_told_at_once()
    {
        var (code, _, errors) = await SluiceProcess.CommandAsync(["edge", "--listen", "everywhere", "--listen-ops", "localhost", "--http", "9090"]);

        Assert.Equal(2, code);
        Assert.Contains("Edge:Listen must be an IP address such as 0.0.0.0 or 127.0.0.1, is 'everywhere'", errors, StringComparison.Ordinal);
        Assert.Contains("Edge:ListenOps must be an IP address such as 0.0.0.0 or 127.0.0.1, is 'localhost'", errors, StringComparison.Ordinal);
        Assert.Contains("Edge:Http and Edge:Ops must differ: 9090 is there twice", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return answer.StatusCode;
    }

    private static Task<(int Code, string Output, string Errors)> HealthAsync(string[] arguments, params (string Name, string Value)[] settings) =>
        SluiceProcess.CommandAsync(["health", .. arguments], settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal));

    private string[] Silo() => ["silo", "--admin", Text(_admin), "--silo-port", "0", "--gateway-port", Text(_gateway), "--data", Data];

    private string[] Edge() => ["edge", "--http", "0", "--ops", Text(_ops), "--listen", "127.0.0.1", "--gateway-port", Text(_gateway)];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
