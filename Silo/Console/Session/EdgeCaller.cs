using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Silo.Admin;

namespace Sluice.Silo.Console.Session;

/// <summary>Calls an edge as a client does, with a client's key: for the playground and for prompts that are tried. Only edges that the fleet knows are called.</summary>
internal sealed class EdgeCaller(TimeProvider time) : IDisposable
{
    private const int LongestAnswer = 1024 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Indented = new(AdminJson.Options) { WriteIndented = true };

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = ConnectBound }) { Timeout = Bound };

    /// <summary>Asks, and tells each line of the answer as it comes.</summary>
    /// <exception cref="HttpRequestException">The edge was not reached, or broke off.</exception>
    public async Task<EdgeAnswer> AskAsync(EdgeItem edge, string key, string path, JsonObject body, Func<string, Task>? tell, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(edge.Address), path))
        {
            Content = new StringContent(body.ToJsonString(AdminJson.Options), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var (first, text) = (time.GetElapsedTime(start), new StringBuilder());
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        while (text.Length < LongestAnswer && await reader.ReadLineAsync(cancellation) is { } line)
        {
            text.Append(line).Append('\n');
            if (tell is not null)
            {
                await tell(line);
            }
        }

        return new EdgeAnswer((int)answer.StatusCode, Indent(text.ToString()), first, time.GetElapsedTime(start), Header("sluice-request-id"), Header("sluice-revision"));

        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : null;
    }

    public void Dispose() => _http.Dispose();

    private static string Indent(string text)
    {
        try
        {
            return JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(text), Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

/// <summary>What an edge answered.</summary>
/// <param name="First">To the head of the answer.</param>
/// <param name="Whole">To its end.</param>
/// <param name="Request">By which the call is found in the records.</param>
internal sealed record EdgeAnswer(int Status, string Body, TimeSpan First, TimeSpan Whole, string? Request, string? Revision);
