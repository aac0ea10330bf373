using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components.Authorization;
using Sluice.Silo.Admin;
using Sluice.Silo.Console.Hosting;

namespace Sluice.Silo.Console.Session;

/// <summary>The admin API in the name of whoever is signed in.</summary>
internal sealed class ConsoleApi(AdminPipeline pipeline, AuthenticationStateProvider identity)
{
    // A publish waits for edges, at most as long as a lease lasts; nothing else takes near as long.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Reads something.</summary>
    /// <exception cref="ConsoleRefusedException">The API refused.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellation = default) => Read<T>(await AskAsync(HttpMethod.Get, path, null, null, cancellation));

    /// <summary>Reads something that need not be there.</summary>
    /// <exception cref="ConsoleRefusedException">The API refused for another reason.</exception>
    public async Task<T?> FindAsync<T>(string path, CancellationToken cancellation = default)
        where T : class
    {
        try
        {
            return await GetAsync<T>(path, cancellation);
        }
        catch (ConsoleRefusedException refused) when (refused.Problem.Status is 404)
        {
            return null;
        }
    }

    /// <summary>Reads a resource as text, and the revision that it is of.</summary>
    /// <exception cref="ConsoleRefusedException">The API refused.</exception>
    public async Task<(JsonElement Resource, long Revision, string Owner)> ResourceAsync(string path, CancellationToken cancellation = default)
    {
        var answer = await AskAsync(HttpMethod.Get, path, null, null, cancellation);
        var revision = long.TryParse(answer.Headers.ETag.ToString().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return (Read<JsonElement>(answer), revision, answer.Headers[ResourceItem.OwnerHeader].ToString());
    }

    /// <summary>Changes something.</summary>
    /// <exception cref="ConsoleRefusedException">The API refused.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body = null, long? ifMatch = null, CancellationToken cancellation = default) => Read<T>(await AskAsync(
        method, path, body is null ? null : (JsonSerializer.SerializeToUtf8Bytes(body, AdminJson.Options), "application/json"), ifMatch, cancellation));

    /// <summary>Changes something and is told nothing.</summary>
    /// <exception cref="ConsoleRefusedException">The API refused.</exception>
    public Task SendAsync(HttpMethod method, string path, CancellationToken cancellation = default) => AskAsync(method, path, null, null, cancellation);

    /// <summary>Sends a bundle.</summary>
    /// <exception cref="ConsoleRefusedException">The API refused.</exception>
    public async Task<T> SendYamlAsync<T>(string path, string yaml, long? ifMatch, CancellationToken cancellation = default) =>
        Read<T>(await AskAsync(HttpMethod.Post, path, (Encoding.UTF8.GetBytes(yaml), RequestBody.Yaml[0]), ifMatch, cancellation));

    private static T Read<T>(ConsoleAnswer answer) => JsonSerializer.Deserialize<T>(answer.Body, AdminJson.Options)!;

    private async Task<ConsoleAnswer> AskAsync(HttpMethod method, string path, (byte[] Body, string Type)? content, long? ifMatch, CancellationToken cancellation)
    {
        var who = SignedIn.Read((await identity.GetAuthenticationStateAsync()).User) ?? throw new ConsoleRefusedException(Problem.Unauthenticated);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        ConsoleAnswer answer;
        try
        {
            answer = await pipeline.SendAsync(who, method, path, content, ifMatch, bound.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ConsoleRefusedException(Problem.Unavailable);
        }

        return answer.Status < 400
            ? answer
            : throw new ConsoleRefusedException(answer.Body.Length > 0 ? Read<Problem>(answer) : Problem.OfStatus(answer.Status));
    }
}

/// <summary>The admin API refused what the console asked for.</summary>
internal sealed class ConsoleRefusedException(Problem problem) : Exception(problem.Detail ?? problem.Title)
{
    /// <summary>As the API told it.</summary>
    public Problem Problem { get; } = problem;
}
