using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Access;

/// <summary>Exchanges a service account's assertion for an access token, at the address that its key names and through the guard of upstreams (docs/security.md).</summary>
internal sealed class TokenExchange(Connections connections, TimeProvider time)
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const int LongestAnswer = 64 * 1024;
    private const int LongestReason = 300;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(12);

    /// <summary>Asks once.</summary>
    /// <param name="key">Whose access it is.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="AccessRefusedException">There is none, and why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async Task<(string Token, TimeSpan Life)> AskAsync(ServiceAccountKey key, CancellationToken cancellation)
    {
        var place = key.TokenAddress.Authority;
        var assertion = key.Assert(time.GetUtcNow());
        using var deadline = new CancellationTokenSource(Bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, key.TokenAddress)
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["grant_type"] = GrantType, ["assertion"] = assertion }),
            };
            using var answer = await connections.ForTokens.SendAsync(request, either.Token);
            await answer.Content.LoadIntoBufferAsync(LongestAnswer, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return answer.StatusCode is HttpStatusCode.OK ? Read(body, place) : throw new AccessRefusedException($"{place} answered {(int)answer.StatusCode}{ReasonIn(body, assertion)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new AccessRefusedException($"{place} did not answer within {Bound.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw new AccessRefusedException($"{place} could not be reached, or broke off");
        }
    }

    private static (string Token, TimeSpan Life) Read(byte[] body, string place)
    {
        using var document = TryParse(body);
        if (Text(document, "access_token") is not { Length: > 0 } token || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new AccessRefusedException($"{place} answered without an access token");
        }

        var life = document!.RootElement.TryGetProperty("expires_in", out var told) && told.ValueKind is JsonValueKind.Number && told.TryGetDouble(out var seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 1, LongestLife.TotalSeconds))
            : UsualLife;
        return (token, life);
    }

    // Of an error only the two fields that RFC 6749 has for it: nothing else is repeated, and what was sent least of all.
    private static string ReasonIn(byte[] body, string assertion)
    {
        using var document = TryParse(body);
        var reason = string.Join(": ", new[] { Text(document, "error"), Text(document, "error_description") }.Where(text => text is { Length: > 0 }));
        reason = string.Concat(reason.Replace(assertion, "***", StringComparison.Ordinal).Select(c => char.IsControl(c) ? ' ' : c));
        return reason.Length == 0 ? "" : $", {(reason.Length > LongestReason ? reason[..LongestReason] : reason)}";
    }

    private static string? Text(JsonDocument? document, string name) =>
        document is { RootElement: { ValueKind: JsonValueKind.Object } root } && root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static JsonDocument? TryParse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
