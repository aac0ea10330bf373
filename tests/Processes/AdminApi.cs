using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sluice.Tests.Processes;

/// <summary>The admin API as a script calls it: paths below <c>/api/v1/</c>, JSON answers.</summary>
public sealed class AdminApi : IDisposable
{
    private readonly HttpClient _http;

    public AdminApi(Uri address, string key)
    {
        _http = new HttpClient { BaseAddress = new Uri(address, "/api/v1/"), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>What is there.</summary>
    public async Task<JsonElement> GetAsync(string path) => (await ExpectAsync(HttpMethod.Get, path, null)).Body;

    /// <summary>Sends a JSON body and expects success.</summary>
    public async Task<JsonElement> PostAsync(string path, object? body = null) =>
        (await ExpectAsync(HttpMethod.Post, path, body is null ? null : JsonSerializer.Serialize(body))).Body;

    /// <summary>Ends something.</summary>
    public Task DeleteAsync(string path) => ExpectAsync(HttpMethod.Delete, path, null);

    /// <summary>Applies a bundle and answers the active revision.</summary>
    public async Task<long> ApplyAsync(string yaml)
    {
        var (_, body) = await ExpectAsync(HttpMethod.Post, "apply", yaml, "application/yaml");
        return body.GetProperty("revision").GetInt64();
    }

    /// <summary>Makes a tenant with one key.</summary>
    public async Task<(string Id, string Key)> CreateTenantAsync(string tenant)
    {
        await PostAsync("tenants", new { name = tenant });
        return await CreateKeyAsync(tenant);
    }

    /// <summary>Makes a key of a tenant.</summary>
    public async Task<(string Id, string Key)> CreateKeyAsync(string tenant)
    {
        var key = await PostAsync($"tenants/{tenant}/keys", new { name = "test" });
        return (key.GetProperty("id").GetString()!, key.GetProperty("key").GetString()!);
    }

    /// <summary>Waits until a tenant's usage counts this many requests, and answers the sum of them all.</summary>
    public Task<UsageTotal> UsageAsync(string tenant, long requests) => Eventually.GetAsync(
        async () =>
        {
            // A day on either side: a test may run at midnight, and some set clocks by hours.
            var today = TimeProvider.System.GetUtcNow();
            var days = string.Create(CultureInfo.InvariantCulture, $"from={today.AddDays(-1):yyyy-MM-dd}&to={today.AddDays(1):yyyy-MM-dd}");
            var total = (await GetAsync($"tenants/{tenant}/usage?{days}")).GetProperty("total").Deserialize<UsageTotal>(JsonSerializerOptions.Web)!;
            return total.Requests >= requests ? total : null;
        },
        $"the usage of {tenant} counts {requests} requests");

    /// <summary>Sends anything and answers whatever comes; an empty body reads as an undefined element.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? body, string type = "application/json", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, JsonElement Body)> ExpectAsync(HttpMethod method, string path, string? body, string type = "application/json")
    {
        var (status, answer) = await SendAsync(method, path, body, type);
        return (int)status < 300 ? (status, answer) : throw new HttpRequestException($"{method} {path}: {(int)status} {answer}");
    }
}

/// <summary>The sum of a tenant's usage.</summary>
public sealed record UsageTotal(long Requests, long InputTokens, long CachedTokens, long OutputTokens, long ReasoningTokens, string Cost);
