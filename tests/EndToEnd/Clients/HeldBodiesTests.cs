using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>What bodies of requests under way may take of an edge's memory: over HTTP, in each dialect's form, for models and routes.</summary>
public sealed class HeldBodiesTests
{
    [Fact]
    public async Task One_tenants_bodies_leave_room_for_others_and_are_told_from_a_body_that_is_too_large()
    {
        var settings = new Dictionary<string, string> { ["Sluice:Edge:HeldMegabytes"] = "3", ["Sluice:Edge:HeldMegabytesPerTenant"] = "2" };
        await using var gateway = await Gateway.StartAsync(settings);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = new SemaphoreSlim(0);
        await using var provider = await Upstream.StartAsync(async (http, request) =>
        {
            if (request.Body.Length > 500_000)
            {
                waits.Release();
                await release.Task.WaitAsync(TimeSpan.FromSeconds(30), http.RequestAborted);
            }

            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", http.RequestAborted);
        });
        await gateway.ApplyAsync($$"""
            {{OwnModel.Bundle("held", provider)}}
            ---
            kind: Upstream
            name: held
            addresses: ["{{provider.Address}}"]
            ---
            kind: Route
            name: held
            match: { path: /held }
            access: key
            validate: { body: { required: true, maxSize: 4MiB } }
            split: [{ upstream: held }]
            """);
        using var one = gateway.Client((await gateway.Admin.CreateTenantAsync("one")).Key);
        using var other = gateway.Client((await gateway.Admin.CreateTenantAsync("other")).Key);
        var large = Chat(1_000_000);
        var first = one.PostAsync("/v1/chat/completions", Gateway.Json(large));
        var second = one.PostAsync("/v1/messages", Gateway.Json(large));
        Assert.True(await waits.WaitAsync(TimeSpan.FromSeconds(30)) && await waits.WaitAsync(TimeSpan.FromSeconds(30)));

        // Whole and in pieces, in each form.
        await AssertAsync(one, "/v1/chat/completions", Gateway.Json(Chat(20_000)), 429, body => (body.GetProperty("error").GetProperty("code").GetString(), "bodies_in_flight"));
        await AssertAsync(one, "/v1/messages", new ChunkedJson(Chat(20_000)), 429, body => (body.GetProperty("error").GetProperty("type").GetString(), "rate_limit_error"));
        await AssertAsync(one, "/v1beta/models/held:generateContent", Gateway.Json(Chat(20_000)), 429, body => (body.GetProperty("error").GetProperty("status").GetString(), "RESOURCE_EXHAUSTED"));
        await AssertAsync(one, "/held", Gateway.Json(Chat(20_000)), 429, body => (body.GetProperty("type").GetString(), "urn:sluice:problem:bodies-in-flight"));
        await AssertAsync(one, "/held", new ChunkedJson(Chat(20_000)), 429, body => (body.GetProperty("type").GetString(), "urn:sluice:problem:bodies-in-flight"));
        await AssertAsync(one, "/v1/chat/completions", Gateway.Json(Chat(100)), 200, body => (body.GetProperty("object").GetString(), "chat.completion"));
        await AssertAsync(other, "/v1/chat/completions", Gateway.Json(Chat(200_000)), 200, body => (body.GetProperty("object").GetString(), "chat.completion"));
        await AssertAsync(other, "/v1/chat/completions", Gateway.Json(Chat(1_500_000)), 503, body => (body.GetProperty("error").GetProperty("code").GetString(), "service_unavailable"));
        await AssertAsync(other, "/v1/chat/completions", new ChunkedJson(Chat(2_500_000)), 503, body => (body.GetProperty("error").GetProperty("code").GetString(), "service_unavailable"));
        await AssertAsync(other, "/v1/chat/completions", Gateway.Json(Chat(2_500_000)), 413, body => (body.GetProperty("error").GetProperty("code").GetString(), "request_too_large"));

        release.SetResult();
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], new[] { (await first).StatusCode, (await second).StatusCode });
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await one.PostAsync("/held", Gateway.Json(Chat(900_000)));
                return answer.IsSuccessStatusCode;
            },
            "what has ended leaves its room");
    }

    private static string Chat(int length) => $$"""{"model":"held","max_tokens":9,"messages":[{"role":"user","content":"{{new string('x', length)}}"}],"contents":[]}""";

    private static async Task AssertAsync(HttpClient client, string path, HttpContent content, int status, Func<JsonElement, (string?, string)> told)
    {
        using var answer = await client.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{path}: {answer.StatusCode} {text}");
        var (is_, expected) = told(JsonDocument.Parse(text).RootElement);
        Assert.Equal(expected, is_);
        Assert.Equal(status is 429 or 503, answer.Headers.RetryAfter is not null);
    }

    // Without its length.
    private sealed class ChunkedJson : StringContent
    {
        public ChunkedJson(string json)
            : base(json, System.Text.Encoding.UTF8, "application/json") => Headers.ContentLength = null;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
