using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>A model of a test's own, whose provider is the test's upstream, with a tenant and a budget of the same name.</summary>
internal static class OwnModel
{
    /// <summary>A provider whose answers use two tokens each.</summary>
    public static Task<Upstream> StartAsync() => Upstream.StartAsync(static (http, _) =>
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync("""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", http.RequestAborted);
    });

    /// <summary>Asks the model of this name for something.</summary>
    public static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, string name)
    {
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{name}}","messages":[{"role":"user","content":"Hello"}]}"""));
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Replace("\\u0027", "'", StringComparison.Ordinal));
    }

    /// <summary>Provider and model, as YAML that ends with the model, so that lines may be added to it.</summary>
    /// <param name="name">Of both.</param>
    /// <param name="upstream">The provider.</param>
    /// <param name="model">What the provider is asked for.</param>
    /// <param name="dialect">What the provider speaks.</param>
    public static string Bundle(string name, Upstream upstream, string model = "any", string dialect = "openai") => $$"""
        kind: Provider
        name: {{name}}
        dialect: {{dialect}}
        address: {{upstream.Address}}/v1
        ---
        kind: Model
        name: {{name}}
        targets: [{ provider: {{name}}, model: {{model}} }]
        """;

    /// <summary>The tenant's hard budget of a month, as YAML.</summary>
    public static string Budget(string name, long tokens) => $$"""
        kind: Budget
        name: {{name}}
        subject: tenant/{{name}}
        amount: { tokens: {{tokens}} }
        window: { every: month }
        """;

    /// <summary>Applies a bundle and makes the tenant; answers its key.</summary>
    public static async Task<string> ApplyAsync(Gateway gateway, string name, params string[] bundle)
    {
        await gateway.ApplyAsync(string.Join("\n---\n", bundle));
        return (await gateway.Admin.CreateTenantAsync(name)).Key;
    }
}
