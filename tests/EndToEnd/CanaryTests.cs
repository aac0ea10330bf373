using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>No secret, key or prompt is logged or stored in clear: each is a marker of its own here, and all that Sluice leaves behind is searched for it, at the most talkative level.</summary>
public sealed class CanaryTests
{
    // The characters at the end are written otherwise in JSON.
    private const string Secret = "canary-secret-7d1f0b\"<ü>";
    private const string ProviderKey = "sk-canary-provider-2c94e8";
    private const string Prompt = "canary-prompt-58a3e1\"<ü>";
    private const string BrokenPrompt = "canary-broken-91b7c2";
    private const string Answer = "canary-answer-c06d4f";

    [Fact]
    public async Task Secrets_keys_and_prompts_are_nowhere_in_logs_storage_or_the_admin_API()
    {
        await using var upstream = await Upstream.StartAsync(AnswerAsync);
        using var folder = new TemporaryFolder();
        var data = Path.Combine(folder.Path, "data");
        var sluice = await SluiceProcess.StartAsync([.. SluiceProcess.Up(data), "--log-level", "Trace"]);
        await using var ended = sluice;
        using var admin = new AdminApi(sluice.Admin, sluice.Line.AdminKey!);
        await admin.ApplyAsync($$"""
            kind: Secret
            name: canary
            value: {{ProviderKey}}
            ---
            kind: Secret
            name: other
            value: {{JsonSerializer.Serialize(Secret)}}
            ---
            kind: Provider
            name: canary
            dialect: openai
            address: {{upstream.Address}}/v1
            credentials: [{ secret: canary }]
            ---
            kind: Model
            name: canary
            targets: [{ provider: canary, model: canary-control }]
            """);
        var (id, key) = await admin.CreateTenantAsync("canary");
        var rotated = (await admin.PostAsync($"tenants/canary/keys/{id}/rotate")).GetProperty("key").GetString()!;
        var adminKey = (await admin.PostAsync("admin-keys", new { name = "canary", role = "viewer" })).GetProperty("key").GetString()!;

        using var client = new HttpClient { BaseAddress = sluice.Edge, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", rotated);
        await Eventually.TrueAsync(async () => await ChatAsync(client, "canary", Prompt) == HttpStatusCode.OK, "the edge serves the model");
        Assert.Equal(HttpStatusCode.Unauthorized, await ChatAsync(client, "canary", Prompt, status: 401));
        await ChatAsync(client, "canary", Prompt, status: 500);
        await ChatAsync(client, "sandbox", Prompt);
        await ChatAsync(client, "nothing", Prompt);
        using (await client.PostAsync("/v1/chat/completions", Gateway.Json($"{{\"model\":\"canary\",\"messages\":[{{\"content\":\"{BrokenPrompt}"), TestContext.Current.CancellationToken))
        {
        }

        // A mistake about a secret, and a key in the wrong place.
        await admin.SendAsync(HttpMethod.Put, "secrets/other", JsonSerializer.Serialize(new { valu = Secret }));
        await admin.SendAsync(HttpMethod.Put, "secrets/other", JsonSerializer.Serialize(new { value = new[] { Secret } }));
        var problem = await admin.SendAsync(HttpMethod.Post, "apply", $"kind: Secret\nname: other\nvalue: {ProviderKey}\n  broken: [", "application/yaml");
        await admin.UsageAsync("canary", 1);
        var (secrets, revision) = (await admin.GetAsync("secrets"), await admin.GetAsync("revisions/2"));
        using var plain = new HttpClient { BaseAddress = sluice.Admin };
        var document = await plain.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.Equal(0, await sluice.StopAsync());

        var left = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            // The one line that shows the first keys is what it is for.
            ["log"] = Encoding.UTF8.GetBytes(string.Join('\n', sluice.Log.Split('\n').Where(l => !l.StartsWith("{\"edge\"", StringComparison.Ordinal)))),
            ["openapi"] = Encoding.UTF8.GetBytes(document),
            ["secrets"] = Encoding.UTF8.GetBytes(secrets.ToString()),
            ["revision"] = Encoding.UTF8.GetBytes(revision.ToString()),
            ["problem"] = Encoding.UTF8.GetBytes(problem.Body.ToString()),
        };
        foreach (var file in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories))
        {
            left[Path.GetRelativePath(data, file)] = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        }

        Assert.Contains("sluice.db", left.Keys);
        Assert.True(left["log"].Length > 10_000, "the log at level Trace says too little for the search to mean much");
        Assert.True(left.Any(l => l.Key.StartsWith("sluice.db", StringComparison.Ordinal) && l.Value.AsSpan().IndexOf("canary-control"u8) >= 0), "what is no secret is not found either: the search is blind");
        string[] markers = [Secret, ProviderKey, Prompt, BrokenPrompt, Answer, key, rotated, adminKey, sluice.Line.AdminKey!, sluice.Line.TenantKey!];
        var found = from place in left
                    from marker in markers
                    from form in Forms(marker)
                    where place.Value.AsSpan().IndexOf(form.Bytes) >= 0
                    select $"{marker[..12]}… stands in {place.Key} as {form.Name}";
        Assert.Empty(found);
    }

    private static async Task<HttpStatusCode> ChatAsync(HttpClient client, string model, string prompt, int? status = null)
    {
        using var answer = await client.PostAsync(
            "/v1/chat/completions", Gateway.Json(JsonSerializer.Serialize(new { model, user = $"status-{status ?? 200}", messages = new[] { new { role = "user", content = prompt } } })));
        return answer.StatusCode;
    }

    // Fails as it is told, and then repeats the key as providers do.
    private static async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        var user = JsonDocument.Parse(request.Body).RootElement.GetProperty("user").GetString()!;
        http.Response.StatusCode = int.Parse(user["status-".Length..], System.Globalization.CultureInfo.InvariantCulture);
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(http.Response.StatusCode is 200
            ? $$"""{"object":"chat.completion","model":"canary","choices":[{"index":0,"message":{"role":"assistant","content":"{{Answer}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }"""
            : $$"""{"error":{"message":"Incorrect API key provided: {{ProviderKey}}","type":"invalid_request_error"} }""");
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Forms(string marker)
    {
        var bytes = Encoding.UTF8.GetBytes(marker);
        yield return ("text", bytes);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(marker));
        yield return ("JSON", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(marker).Trim('"')));
        yield return ("URL", Encoding.UTF8.GetBytes(Uri.EscapeDataString(marker)));
        yield return ("hex", Encoding.UTF8.GetBytes(Convert.ToHexString(bytes)));
        yield return ("hex", Encoding.UTF8.GetBytes(Convert.ToHexStringLower(bytes)));
        for (var offset = 0; offset < 3; offset++)
        {
            // Within a longer text: without the characters that its neighbours have a part in.
            var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            yield return ("base64", Encoding.UTF8.GetBytes(encoded[(offset is 0 ? 0 : 4)..^4]));
        }
    }
}
