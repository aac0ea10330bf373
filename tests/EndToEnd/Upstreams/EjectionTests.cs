using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>Addresses that are left out because their requests fail, and upstreams that are full.</summary>
public sealed class EjectionTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    private readonly Service _service = new(shared.Gateway);
    private volatile bool _isWell;

    [Fact]
    public async Task An_address_that_fails_in_a_row_is_left_out_and_comes_back()
    {
        await using var good = await Upstream.StartAsync("good");
        await using var bad = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = _isWell ? 200 : 500;
            return http.Response.WriteAsync("bad", http.RequestAborted);
        });
        await _service.ApplyAsync([good.Address, bad.Address], "loadBalancing: roundRobin\nejection: { inARow: 3, time: 500ms, longest: 1s }");
        var failures = 0;
        for (var i = 0; i < 20; i++)
        {
            using var answer = await _service.SendAsync();
            failures += answer.IsSuccessStatusCode ? 0 : 1;
        }

        Assert.InRange(failures, 3, 6);
        _isWell = true;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await _service.SendAsync();
                return await answer.Content.ReadAsStringAsync() is "bad";
            },
            "the address is asked again");
    }

    [Fact]
    public async Task Never_all_addresses_are_left_out()
    {
        await using var first = await Upstream.StartAsync(static (http, _) => Fail(http));
        await using var second = await Upstream.StartAsync(static (http, _) => Fail(http));
        await _service.ApplyAsync([first.Address, second.Address], "loadBalancing: roundRobin\nejection: { inARow: 1, time: 1h, longest: 1h, most: 100%, panic: 0% }");
        for (var i = 0; i < 10; i++)
        {
            using var answer = await _service.SendAsync();
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }

        Assert.InRange(Math.Max(first.Requests.Count, second.Requests.Count), 9, 9);
    }

    [Fact]
    public async Task Where_too_few_are_well_all_are_used()
    {
        await using var first = await Upstream.StartAsync(static (http, _) => Fail(http));
        await using var second = await Upstream.StartAsync(static (http, _) => Fail(http));
        await _service.ApplyAsync([first.Address, second.Address], "loadBalancing: roundRobin\nejection: { inARow: 1, time: 1h, longest: 1h, most: 100%, panic: 60% }");
        for (var i = 0; i < 10; i++)
        {
            using var answer = await _service.SendAsync();
        }

        Assert.InRange(Math.Min(first.Requests.Count, second.Requests.Count), 3, 5);
    }

    [Theory]
    [InlineData("circuit: { maxRequests: 1 }")]
    [InlineData("circuit: { maxConnections: 1 }")]
    public async Task A_full_upstream_is_told_of_at_once_and_has_room_again_once_a_request_ends(string circuit)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, request) =>
        {
            if (request.Target.EndsWith("slow", StringComparison.Ordinal))
            {
                await release.Task.WaitAsync(http.RequestAborted);
            }
        });
        await _service.ApplyAsync([upstream.Address], circuit);
        var slow = _service.SendAsync(path: "slow");
        await Eventually.TrueAsync(() => Task.FromResult(upstream.Requests.Count == 1), "the first is under way");

        using var refused = await _service.SendAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal("urn:sluice:problem:upstream-full", problem.RootElement.GetProperty("type").GetString());

        release.SetResult();
        using var ended = await slow;
        using var after = await _service.SendAsync();
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (ended.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task One_that_may_wait_is_served_once_there_is_room()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, request) =>
        {
            if (request.Target.EndsWith("slow", StringComparison.Ordinal))
            {
                await release.Task.WaitAsync(http.RequestAborted);
            }
        });
        await _service.ApplyAsync([upstream.Address], "timeouts: { connect: 20s }\ncircuit: { maxRequests: 1, maxPending: 1 }");
        var slow = _service.SendAsync(path: "slow");
        await Eventually.TrueAsync(() => Task.FromResult(upstream.Requests.Count == 1), "the first is under way");
        var others = new[] { _service.SendAsync(), _service.SendAsync() };
        using var refused = await await Task.WhenAny(others);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        release.SetResult();
        using var ended = await slow;
        var statuses = (await Task.WhenAll(others)).Select(answer => answer.StatusCode).Order();
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], statuses);
    }

    private static Task Fail(HttpContext http)
    {
        http.Response.StatusCode = 500;
        return Task.CompletedTask;
    }
}
