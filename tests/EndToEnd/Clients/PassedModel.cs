using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>A tenant with a model and a wide budget, all of one name, for requests that pass through.</summary>
internal sealed class PassedModel(Gateway gateway, string name)
{
    /// <summary>A provider that always answers the same.</summary>
    public static Task<Upstream> AnswerAsync(string body, string type = "application/json", int status = 200) => Upstream.StartAsync((http, _) =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        return http.Response.WriteAsync(body, http.RequestAborted);
    });

    /// <summary>The error of an answer, in OpenAI's form.</summary>
    public static async Task<JsonElement> ErrorAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {body}");
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("error");
    }

    /// <summary>Makes it; answers a client with the tenant's key.</summary>
    /// <param name="upstream">The provider.</param>
    /// <param name="model">What the provider is asked for.</param>
    /// <param name="more">Lines of the model.</param>
    public async Task<HttpClient> ClientAsync(Upstream upstream, string model, string more = "") =>
        gateway.Client(await OwnModel.ApplyAsync(gateway, name, $"{OwnModel.Bundle(name, upstream, model)}\n{more}", OwnModel.Budget(name, 10_000_000)));

    /// <summary>What the tenant's only request used, and whence that is known.</summary>
    public async Task<(string Source, UsageTotal Usage)> UsedAsync()
    {
        var usage = await gateway.Admin.UsageAsync(name, 1);
        var sources = await gateway.Admin.GetAsync($"tenants/{name}/usage?by=source");
        return (Assert.Single(sources.GetProperty("rows").EnumerateArray()).GetProperty("source").GetString()!, usage);
    }
}
