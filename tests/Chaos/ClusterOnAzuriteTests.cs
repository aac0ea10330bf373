using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos;

/// <summary>Three silos and two edges as processes on Azure Storage, under load, while each is killed or restarted once.</summary>
public sealed class ClusterOnAzuriteTests : IAsyncLifetime
{
    private const int Silos = 3;
    private const int Edges = 2;
    private const int Clients = 4;
    private const string Tenant = "loaded";
    private static readonly TimeSpan RecoveryBound = TimeSpan.FromSeconds(60);

    private AzuriteProcess? _azurite;
    private Upstream? _upstream;
    private Cluster? _cluster;
    private AdminApi? _admin;
    private string _key = "";

    [Fact]
    public async Task Whichever_silo_is_killed_changes_and_loans_go_on_and_nothing_acknowledged_is_lost()
    {
        await using var operators = OperatorLoad.Start(_cluster!, Tenant);
        await using var clients = ClientLoad.Start(_cluster!.Edges, _key, Clients);
        for (var silo = 0; silo < Silos; silo++)
        {
            // Its budget was lent to nobody: its first request must borrow.
            var (_, borrower) = await _admin!.CreateTenantAsync(Text($"borrower-{silo}"));
            await _cluster.KillSiloAsync(silo);
            await MeasureAsync(silo, borrower);
            await _cluster.StartSiloAsync(silo);
        }

        await operators.EndAsync();
        await clients.EndAsync();
        Print($"clients: {clients}; operator: {operators}");
        Assert.Empty(clients.Failures);
        await AssertHistoryIsWholeAsync(operators.Revisions);
        await AssertKeysWorkAsync(operators.Keys);
        await AssertUsageIsWholeAsync();
    }

    [Fact]
    public async Task A_rolling_restart_of_every_silo_and_edge_fails_no_request()
    {
        await using var operators = OperatorLoad.Start(_cluster!, Tenant);
        await using var clients = ClientLoad.Start(_cluster!.Edges, _key, Clients);
        for (var silo = 0; silo < Silos; silo++)
        {
            Assert.Equal(0, await _cluster.StopSiloAsync(silo));
            await _cluster.StartSiloAsync(silo);
        }

        for (var edge = 0; edge < Edges; edge++)
        {
            Assert.Equal(0, await _cluster.StopEdgeAsync(edge));
            await _cluster.StartEdgeAsync(edge);
        }

        await operators.EndAsync();
        await clients.EndAsync();
        Print($"clients: {clients}; operator: {operators}");
        Assert.Empty(clients.Failures);
        Assert.True(clients.Refusals.Count == 0, string.Join('\n', clients.Refusals));
        await AssertHistoryIsWholeAsync(operators.Revisions);
        await AssertUsageIsWholeAsync();
    }

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(AzuriteProcess.Missing is not null, AzuriteProcess.Missing ?? "");
        _azurite = await AzuriteProcess.StartAsync();
        _upstream = await ChatUpstream.StartAsync();
        _cluster = await Cluster.StartAsync(_azurite, Silos, Edges);
        _admin = _cluster.Admin(0);
        _key = (await _admin.CreateTenantAsync(Tenant)).Key;
        await _admin.ApplyAsync(ChatUpstream.Bundle(_upstream));
        await Task.WhenAll(_cluster.Edges.Select(edge => Eventually.TrueAsync(
            async () => await ChatAsync(edge, _key) is HttpStatusCode.OK, $"{edge} serves the model", RecoveryBound)));
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        if (_cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }

        if (_upstream is { } upstream)
        {
            await upstream.DisposeAsync();
        }

        if (_azurite is { } azurite)
        {
            await azurite.DisposeAsync();
        }
    }

    private async Task MeasureAsync(int killed, string borrower)
    {
        var start = TimeProvider.System.GetTimestamp();
        async Task<TimeSpan> UntilAsync(string what, Func<AdminApi, Task> act)
        {
            using var admin = _cluster!.Admin((killed + 1) % Silos);
            await Eventually.TrueAsync(() => SucceedsAsync(() => act(admin)), $"{what} after silo {killed} was killed", RecoveryBound);
            return TimeProvider.System.GetElapsedTime(start);
        }

        var change = UntilAsync("a change is applied", admin => admin.ApplyAsync(Text($$"""
            kind: Upstream
            name: after-kill
            addresses: ["http://127.0.0.1:{{2000 + killed}}"]
            """)));
        var key = UntilAsync("a key is made", admin => admin.CreateKeyAsync(Tenant));
        var loan = UntilAsync("a loan is made", async _ =>
        {
            var status = await ChatAsync(_cluster!.Edges[killed % Edges], borrower);
            if (status is not HttpStatusCode.OK)
            {
                throw new HttpRequestException(status.ToString());
            }
        });
        Print(Text($"silo {killed} killed: change {(await change).TotalSeconds:0.0} s, key {(await key).TotalSeconds:0.0} s, loan {(await loan).TotalSeconds:0.0} s"));
    }

    // A busy machine may not answer in time: it is asked again, as the answer says.
    private async Task<JsonElement[]?> ReadHistoryAsync() =>
        await _admin!.SendAsync(HttpMethod.Get, "revisions?limit=1000", null) is { Status: HttpStatusCode.OK } read ? [read.Body] : null;

    private async Task AssertHistoryIsWholeAsync(IReadOnlyDictionary<long, string> acknowledged)
    {
        var history = (await Eventually.GetAsync(ReadHistoryAsync, "the history is read"))[0].GetProperty("items").EnumerateArray().Select(r => r.GetProperty("revision").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(1, (int)history[0]).Select(n => (long)n).Reverse(), history);
        foreach (var (revision, address) in acknowledged)
        {
            Assert.Contains(address, (await _admin!.GetAsync(Text($"revisions/{revision}"))).GetProperty("resources").ToString(), StringComparison.Ordinal);
        }
    }

    private async Task AssertKeysWorkAsync(IReadOnlyCollection<string> keys)
    {
        Assert.NotEmpty(keys);
        foreach (var key in keys)
        {
            foreach (var edge in _cluster!.Edges)
            {
                Assert.Equal(HttpStatusCode.OK, await ChatAsync(edge, key));
            }
        }
    }

    private async Task AssertUsageIsWholeAsync()
    {
        var tenants = (await _admin!.GetAsync("tenants?limit=1000")).GetProperty("items").EnumerateArray().Select(t => t.GetProperty("name").GetString()!).ToList();
        var (counted, answered) = (0L, _upstream!.Requests.Count);
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    var totals = await Task.WhenAll(tenants.Select(async t => (await _admin.GetAsync($"tenants/{t}/usage")).GetProperty("total").GetProperty("outputTokens").GetInt64()));
                    counted = totals.Sum();
                    return counted >= answered;
                },
                "usage counts all that the upstream answered");
        }
        catch (TimeoutException)
        {
            // The comparison says by how much it is wrong.
        }

        Assert.Equal(answered, counted);
    }

    private static async Task<HttpStatusCode> ChatAsync(Uri edge, string key)
    {
        using var client = new HttpClient { BaseAddress = edge, Timeout = TimeSpan.FromSeconds(40) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var content = ChatUpstream.Request();
        using var answer = await client.PostAsync("/v1/chat/completions", content);
        return answer.StatusCode;
    }

    private static async Task<bool> SucceedsAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
