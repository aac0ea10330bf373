using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>Upstreams whose addresses are looked for.</summary>
public sealed class DiscoveryTests(DiscoveryGateway shared) : IClassFixture<DiscoveryGateway>
{
    private readonly Service _service = new(shared.Gateway);

    [Fact]
    public async Task A_file_that_changes_moves_new_requests_and_none_that_runs()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var first = await Upstream.StartAsync(async (http, request) =>
        {
            await http.Response.WriteAsync("first", http.RequestAborted);
            if (request.Target.EndsWith("slow", StringComparison.Ordinal))
            {
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await release.Task.WaitAsync(http.RequestAborted);
                await http.Response.WriteAsync(" ended", http.RequestAborted);
            }
        });
        await using var second = await Upstream.StartAsync("second");
        shared.Write($"{_service.Name}.yaml", $"- {first.Address}");
        await _service.ApplyAsync($"discovery: {{ file: {{ name: {_service.Name}.yaml }} }}");
        Assert.Equal("first", await GetAsync());
        var running = GetAsync("slow");
        await Eventually.TrueAsync(() => Task.FromResult(first.Requests.Count == 2), "a request runs");

        shared.Write($"{_service.Name}.yaml", $"- {{ address: {second.Address}, weight: 5 }}");

        await Eventually.TrueAsync(async () => await GetAsync() is "second", "the new address is asked");
        var before = first.Requests.Count;
        Assert.Equal(["second", "second", "second"], [await GetAsync(), await GetAsync(), await GetAsync()]);
        Assert.Equal(before, first.Requests.Count);
        release.SetResult();
        Assert.Equal("first ended", await running);

        shared.Write($"{_service.Name}.yaml", "[]");
        await Eventually.TrueAsync(async () => await GetAsync() is not "second", "all addresses went");
        using var answer = await _service.SendAsync();
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "urn:sluice:problem:upstream-empty"), (answer.StatusCode, problem.RootElement.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ejection: { }")]
    public async Task A_services_hosts_are_found_by_name_and_kept_while_nobody_answers(string guard)
    {
        await using var first = await Upstream.StartAsync(static (http, _) => http.Response.WriteAsync($"first at {http.Request.Host.Host}", http.RequestAborted));
        await using var second = await Upstream.StartAsync(static (http, _) => http.Response.WriteAsync($"second at {http.Request.Host.Host}", http.RequestAborted));
        var name = $"_http._tcp.{_service.Name}.test";
        shared.Names.Host($"a.{_service.Name}.test", 0, "127.0.0.1");
        shared.Names.Host($"b.{_service.Name}.test", 0, "127.0.0.1");
        shared.Names.Service(name, 0, (1, 1, new Uri(first.Address).Port, $"a.{_service.Name}.test"));
        await _service.ApplyAsync($"discovery: {{ dns: {{ service: {name}, servers: [\"{shared.Names.Address}\"], least: 100ms }} }}\n{guard}");
        Assert.Equal($"first at a.{_service.Name}.test", await GetAsync());

        shared.Names.Service(name, 0, (1, 1, new Uri(second.Address).Port, $"b.{_service.Name}.test"));
        await Eventually.TrueAsync(async () => string.Equals(await GetAsync(), $"second at b.{_service.Name}.test", StringComparison.Ordinal), "the new host is asked");
        using (var chunked = await _service.SendAsync("POST", "body", isChunked: true))
        {
            Assert.Equal($"second at b.{_service.Name}.test", await chunked.Content.ReadAsStringAsync());
        }

        shared.Names.Service(name, 0);
        var asked = shared.Names.Asked;
        await Eventually.TrueAsync(() => Task.FromResult(shared.Names.Asked > asked), "it is asked for again");
        Assert.Equal($"second at b.{_service.Name}.test", await GetAsync());
    }

    [Fact]
    public async Task Where_nothing_may_be_connected_to_a_name_leads_nowhere_either()
    {
        shared.Names.Host($"{_service.Name}.test", 60, "169.254.169.254");

        await _service.ApplyAsync($"discovery: {{ dns: {{ name: {_service.Name}.test, port: 80, servers: [\"{shared.Names.Address}\"] }} }}\ntimeouts: {{ connect: 20s }}");

        using var answer = await _service.SendAsync();
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
    }

    [Fact]
    public async Task What_is_not_found_yet_is_waited_for()
    {
        await using var upstream = await Upstream.StartAsync("found");
        await _service.ApplyAsync($"discovery: {{ file: {{ name: {_service.Name}.yaml }} }}\ntimeouts: {{ connect: 30s }}");
        var waiting = GetAsync();

        shared.Write($"{_service.Name}.yaml", $"[\"{upstream.Address}\"]");

        Assert.Equal("found", await waiting);
    }

    [Fact]
    public async Task Probes_follow_what_is_found()
    {
        await using var ill = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var well = await Upstream.StartAsync("well");
        shared.Write($"{_service.Name}.yaml", $"- {ill.Address}");
        await _service.ApplyAsync($"discovery: {{ file: {{ name: {_service.Name}.yaml }} }}\nhealth: {{ active: {{ path: /healthz, interval: 100ms }} }}");
        await Eventually.TrueAsync(() => Task.FromResult(ill.Requests.Any(r => r.Target is "/healthz")), "the first is probed");

        shared.Write($"{_service.Name}.yaml", $"- {ill.Address}\n- {well.Address}");

        await Eventually.TrueAsync(() => Task.FromResult(well.Requests.Any(r => r.Target is "/healthz")), "the second is probed");
        await Eventually.TrueAsync(async () => (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync()))).All(text => text is "well"), "the one that is well serves alone");
    }

    [Theory]
    [InlineData("roundRobin", 20, 28)]
    [InlineData("random", 10, 31)]
    public async Task Addresses_are_asked_by_their_weights(string how, int least, int most)
    {
        await using var light = await Upstream.StartAsync("light");
        await using var heavy = await Upstream.StartAsync("heavy");
        await _service.ApplyAsync([light.Address, $"{{ address: \"{heavy.Address}\", weight: 3 }}"], $"loadBalancing: {how}");

        for (var i = 0; i < 32; i++)
        {
            await GetAsync();
        }

        Assert.Equal(32, light.Requests.Count + heavy.Requests.Count);
        Assert.InRange(heavy.Requests.Count, least, most);
    }

    private async Task<string> GetAsync(string path = "x")
    {
        using var answer = await _service.SendAsync(path: path);
        return await answer.Content.ReadAsStringAsync();
    }
}
