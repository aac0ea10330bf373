using System.Net.Sockets;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>
/// Asks an issuer for its keys, through the guard of upstreams (docs/security.md): at the address that is declared, or at the one that OpenID Connect discovery tells
/// (https://openid.net/specs/openid-connect-discovery-1_0.html, sections 3 and 4).
/// </summary>
internal sealed class IssuerFetch(Connections connections, TimeProvider time)
{
    private const int LongestAnswer = 512 * 1024;
    private const int MostKeys = 100;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>The keys with which tokens may be signed: at least one.</summary>
    /// <exception cref="IssuerException">They could not be had, and why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async Task<IReadOnlyList<SecurityKey>> KeysOfAsync(IssuerResource issuer, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        var address = issuer.Keys;
        try
        {
            address ??= await DiscoverAsync(issuer, either.Token);
            var keys = Read(await GetAsync(address, either.Token), address);
            return keys.Count is > 0 and <= MostKeys ? keys : throw new IssuerException($"{address} has {keys.Count} keys that tokens may be signed with; it must have 1 to {MostKeys}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IssuerException($"{(address ?? new Uri(issuer.Url)).Authority} did not answer within {Bound.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw new IssuerException($"{(address ?? new Uri(issuer.Url)).Authority} could not be reached, or broke off");
        }
    }

    private async Task<Uri> DiscoverAsync(IssuerResource issuer, CancellationToken cancellation)
    {
        var address = new Uri(issuer.Url.TrimEnd('/') + "/.well-known/openid-configuration");
        try
        {
            using var document = JsonDocument.Parse(await GetAsync(address, cancellation));
            var root = document.RootElement;
            if (!string.Equals(root.GetProperty("issuer").GetString(), issuer.Url, StringComparison.Ordinal))
            {
                throw new IssuerException($"{address} is the configuration of another issuer; the two must be the same to the letter");
            }

            var keys = new Uri(root.GetProperty("jwks_uri").GetString() ?? "", UriKind.Absolute);
            return keys.IsLoopback || string.Equals(keys.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)
                ? keys
                : throw new IssuerException($"{address} names keys at an address that does not begin with https://");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or UriFormatException)
        {
            throw new IssuerException($"{address} is no OpenID Connect configuration");
        }
    }

    private static List<SecurityKey> Read(string json, Uri address)
    {
        try
        {
            return [.. new JsonWebKeySet(json).GetSigningKeys().Where(key => key is AsymmetricSecurityKey or JsonWebKey { Kty: not JsonWebAlgorithmsKeyTypes.Octet })];
        }
        catch (Exception e) when (e is ArgumentException or JsonException)
        {
            throw new IssuerException($"{address} is no key set (JWKS)");
        }
    }

    private async Task<string> GetAsync(Uri address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await connections.ForTokens.SendAsync(request, cancellation);
        await answer.Content.LoadIntoBufferAsync(LongestAnswer, cancellation);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellation) : throw new IssuerException($"{address} answered {(int)answer.StatusCode}");
    }
}

/// <summary>An issuer's keys could not be had. The message is for operators.</summary>
internal sealed class IssuerException(string message) : Exception(message);
