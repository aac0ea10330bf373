using System.Globalization;
using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>An edge that may have less memory than it takes.</summary>
public sealed class FullMemoryTests
{
    // A process of its own: what is full is the process, and others of the tests would be too.
    [Fact]
    public async Task New_requests_are_refused_with_a_reason_and_operators_see_it()
    {
        var ops = Ports.Free();
        await using var gateway = await Gateway.StartProcessAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__EDGE__MEMORYMEGABYTES"] = "1", ["SLUICE__EDGE__MEMORYFULLAT"] = "90" }, ops);
        var (_, key) = await gateway.Admin.CreateTenantAsync("full");
        using var client = gateway.Client(key);

        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter!.Delta);
        Assert.True(answer.Headers.ConnectionClose);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"code\":\"service_unavailable\"", body, StringComparison.Ordinal);
        Assert.Contains("of the memory that it may have, and takes no new requests until less is used", body, StringComparison.Ordinal);

        using var route = await client.GetAsync("/anything");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (route.StatusCode, route.Content.Headers.ContentType!.MediaType));

        using var operators = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ops}")) };
        using var ready = await operators.GetAsync("/healthz/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.StartsWith("memory is full: ", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var live = await operators.GetAsync("/healthz/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        var metrics = await operators.GetStringAsync("/metrics");
        Assert.Contains("sluice_edge_memory_full", metrics, StringComparison.Ordinal);
        Assert.Matches("(?m)^sluice_edge_memory_refused_total(\\{[^}]*\\})? 2 ?", metrics);
    }
}
