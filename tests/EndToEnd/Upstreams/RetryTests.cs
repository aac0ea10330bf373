using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.Clients;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>Requests that are sent to an upstream again, on both ways of forwarding: most go by the lean client, upgrades and chunked bodies by YARP.</summary>
public sealed class RetryTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    private readonly Service _service = new(shared.Gateway);

    [Theory]
    [InlineData("GET", null, false)]
    [InlineData("POST", "body", false)]
    [InlineData("POST", "body", true)]
    public async Task What_finds_no_connection_goes_to_another_address_whatever_it_is(string method, string? body, bool isChunked)
    {
        await using var well = await Upstream.StartAsync("well");
        await _service.ApplyAsync([Nobody(), well.Address], "loadBalancing: roundRobin\nretry: { attempts: 2 }");

        for (var i = 0; i < 6; i++)
        {
            using var answer = await _service.SendAsync(method, body, isChunked);
            Assert.Equal("well", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(6, well.Requests.Count);
        Assert.All(well.Requests, request => Assert.Equal(body ?? "", System.Text.Encoding.UTF8.GetString(request.Body)));
    }

    [Theory]
    [InlineData(false, "GET", null, false, null, true)]
    [InlineData(false, "PUT", "body", false, null, true)]
    [InlineData(false, "POST", "body", false, "key-1", true)]
    [InlineData(false, "POST", "body", false, null, false)]
    [InlineData(false, "PUT", "body", true, null, false)]
    [InlineData(true, "GET", null, false, null, true)]
    [InlineData(true, "PUT", "body", false, null, true)]
    [InlineData(true, "POST", "body", false, null, false)]
    public async Task An_answer_that_is_declared_is_left_and_asked_for_again_where_that_is_safe(bool byYarp, string method, string? body, bool isChunked, string? key, bool isRepeated)
    {
        var count = 0;
        await using var upstream = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref count) == 1 ? 503 : 200;
            http.Response.Headers["x-number"] = $"{count}";
            return http.Response.WriteAsync("answer", http.RequestAborted);
        });
        await _service.ApplyAsync([upstream.Address], "retry: { attempts: 3, on: [503] }");
        using var answer = await _service.SendAsync(method, body, isChunked, key, isUpgrade: byYarp);

        Assert.Equal(isRepeated ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(isRepeated ? "2" : "1", Assert.Single(answer.Headers.GetValues("x-number")));
        Assert.Equal(isRepeated ? 2 : 1, upstream.Requests.Count);
        Assert.Equal(isRepeated ? ["2"] : [], answer.Headers.TryGetValues("sluice-attempts", out var attempts) ? attempts : []);
        Assert.All(upstream.Requests, request => Assert.Equal(body ?? "", System.Text.Encoding.UTF8.GetString(request.Body)));
    }

    [Fact]
    public async Task Where_every_attempt_meets_the_failure_the_client_gets_the_last_answer()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 502;
            return http.Response.WriteAsync("of the service", http.RequestAborted);
        });
        await _service.ApplyAsync([upstream.Address], "retry: { attempts: 3 }");
        using var answer = await _service.SendAsync();

        Assert.Equal("of the service", await answer.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.BadGateway, 3), (answer.StatusCode, upstream.Requests.Count));
    }

    [Theory]
    [InlineData("GET", HttpStatusCode.OK)]
    [InlineData("POST", HttpStatusCode.BadGateway)]
    public async Task A_connection_that_ends_before_an_answer_is_made_good_by_another_attempt_where_that_is_safe(string method, HttpStatusCode expected)
    {
        await using var upstream = new RawUpstream(number => number == 1 ? ("", true) : ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false));
        await _service.ApplyAsync([upstream.Address], "retry: { attempts: 2 }");
        using var answer = await _service.SendAsync(method, method is "POST" ? "body" : null);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_never_begun_again()
    {
        await using var upstream = new RawUpstream(number => ($"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nanswer {number}", true));
        await _service.ApplyAsync([upstream.Address], "retry: { attempts: 5 }");

        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var answer = await _service.SendAsync();
        });
        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_attempt_that_is_not_answered_within_its_time_is_left_for_another(bool byYarp)
    {
        var count = 0;
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            if (Interlocked.Increment(ref count) == 1)
            {
                await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, http.RequestAborted);
            }

            await http.Response.WriteAsync("second", http.RequestAborted);
        });
        await _service.ApplyAsync([upstream.Address], "retry: { attempts: 2, on: [timeout], tryTimeout: 300ms }");

        using var answer = await _service.SendAsync(isUpgrade: byYarp);
        Assert.Equal("second", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_outage_is_not_multiplied_beyond_the_budget()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await _service.ApplyAsync([upstream.Address], "retry: { attempts: 5, budget: 10% }");
        for (var i = 0; i < 60; i++)
        {
            using var answer = await _service.SendAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        // Ten are always allowed; a tenth of sixty is less.
        Assert.InRange(upstream.Requests.Count, 61, 70);
    }

    // A place at which nobody listens.
    private static string Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }
}
