using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.Configuration;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Tokens;

namespace Sluice.Silo.Oidc;

/// <summary>
/// What the identity provider tells of itself: its addresses and keys (https://openid.net/specs/openid-connect-discovery-1_0.html). Asked for when first needed, anew after five
/// minutes and for a key that is not among those known; what was known serves on while it cannot be had. It is reached through the guard of docs/security.md.
/// </summary>
internal sealed class OidcProvider : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private const int LongestAnswer = 512 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(5);
    private readonly OidcOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OidcProvider> _log;
    private readonly SharedAsk _ask;
    private OpenIdConnectConfiguration? _current;
    private long _gotAt;

    public OidcProvider(OidcOptions options, OwnPorts own, TimeProvider time, ILogger<OidcProvider> log)
    {
        (_options, _time, _log) = (options, time, log);
        _ask = new SharedAsk(AskAsync, time);

        // The settings name the provider, and who may write them has the process: private networks are theirs to choose.
        var guard = AddressGuard.ForUpstreams(allowsPrivate: true, openRanges: null, own);
        Http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = Bound,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectCallback = new GuardedConnector(guard).ConnectAsync,
        })
        { Timeout = Bound, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>By what the provider is called.</summary>
    public HttpClient Http { get; }

    /// <summary>As it was last told; null: not yet.</summary>
    public OpenIdConnectConfiguration? Current => Volatile.Read(ref _current);

    private bool IsDue => Current is null || _time.GetElapsedTime(Volatile.Read(ref _gotAt)) >= RefreshAfter;

    /// <summary>Its configuration.</summary>
    /// <exception cref="OidcUnreachableException">It was never told, and could not be had now.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (IsDue)
        {
            await _ask.AskAsync(CancellationToken.None).WaitAsync(cancel);
        }

        return Current ?? throw new OidcUnreachableException();
    }

    /// <summary>Its configuration, asked for anew where a token names a key that is not among those known.</summary>
    /// <exception cref="OidcUnreachableException">It was never told, and could not be had now.</exception>
    public async Task<OpenIdConnectConfiguration> ForAsync(JsonWebToken token, CancellationToken cancel)
    {
        var known = await GetConfigurationAsync(cancel);
        if (token.Kid is { Length: > 0 } kid && !known.SigningKeys.Any(key => string.Equals(key.KeyId, kid, StringComparison.Ordinal)))
        {
            await _ask.AskAsync(CancellationToken.None).WaitAsync(cancel);
        }

        return Current ?? known;
    }

    /// <inheritdoc />
    public void RequestRefresh() => Volatile.Write(ref _gotAt, 0);

    /// <summary>By what its tokens for these audiences are checked.</summary>
    public TokenValidationParameters ChecksFor(IReadOnlyCollection<string> audiences)
    {
        var checks = TokenCheck.Parameters(_options.Issuer!, audiences, _options.TakenAlgorithms, _time);
        checks.IssuerSigningKeyResolver = (_, _, kid, _) => Current?.SigningKeys.Where(key => kid is not { Length: > 0 } || string.Equals(key.KeyId, kid, StringComparison.Ordinal)) ?? [];
        return checks;
    }

    public void Dispose() => Http.Dispose();

    private async Task<bool> AskAsync(CancellationToken cancellation)
    {
        try
        {
            using var bound = new CancellationTokenSource(Bound, _time);
            var read = await OpenIdConnectConfigurationRetriever.GetAsync(
                $"{_options.Issuer!.TrimEnd('/')}/.well-known/openid-configuration",
                new HttpDocumentRetriever(Http) { RequireHttps = !new Uri(_options.Issuer).IsLoopback },
                bound.Token);
            if (WrongIn(read) is { } wrong)
            {
                Tell(wrong);
                return false;
            }

            if (Current is null)
            {
                _log.LogInformation("Identity provider {Issuer}: {Count} keys", _options.Issuer, read.SigningKeys.Count);
            }

            Volatile.Write(ref _gotAt, _time.GetTimestamp());
            Volatile.Write(ref _current, read);
            return true;
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or OperationCanceledException)
        {
            Tell($"it could not be reached, or did not answer within {Bound.TotalSeconds} s");
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or InvalidConfigurationException or System.Text.Json.JsonException or FormatException)
        {
            Tell("its configuration or its keys cannot be read");
        }

        return false;
    }

    private string? WrongIn(OpenIdConnectConfiguration read)
    {
        if (!string.Equals(read.Issuer, _options.Issuer, StringComparison.Ordinal))
        {
            return "its configuration is another issuer's; the two must be the same to the letter";
        }

        if (read.SigningKeys.Count == 0)
        {
            return "it tells no key";
        }

        var places = _options.SignsIn ? new[] { read.AuthorizationEndpoint, read.TokenEndpoint } : [];
        return places.Concat(new[] { read.UserInfoEndpoint, read.EndSessionEndpoint }.Where(place => place is not null)).All(place => OidcOptions.IsPlace(place, out _))
            ? null
            : "its configuration lacks an address for signing in, or names one that does not begin with https://";
    }

    private void Tell(string wrong) => _log.LogWarning("Identity provider {Issuer}: {Reason}{Consequence}", _options.Issuer, wrong, Current is null ? "; nobody can sign in by it" : "; what is known of it serves on");
}

/// <summary>The identity provider could not be asked for its configuration.</summary>
internal sealed class OidcUnreachableException() : Exception("The identity provider could not be asked for its configuration and keys; the silo's log says why.");
