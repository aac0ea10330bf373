using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sluice.Tests.Processes;

/// <summary>An issuer of tokens: it tells its configuration and keys over HTTP, and signs what a test asks for.</summary>
public sealed class TokenIssuer : IAsyncDisposable
{
    private readonly List<RSA> _all = [RSA.Create(2048)];
    private readonly string _host;
    private readonly Func<HttpContext, ReceivedRequest, Task>? _else;
    private Upstream? _server;

    private TokenIssuer(string host, Func<HttpContext, ReceivedRequest, Task>? other) => (_host, _else) = (host, other);

    /// <summary>What its tokens say in <c>iss</c>.</summary>
    public string Url => new UriBuilder(_server!.Address) { Host = _host }.Uri.AbsoluteUri.TrimEnd('/');

    /// <summary>How often its keys were asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>The public key of the current key pair, as a shared secret that an attacker would sign with.</summary>
    public byte[] PublicKey => _all[^1].ExportSubjectPublicKeyInfo();

    private string Kid => $"k{_all.Count}";

    /// <summary>Starts on a free port.</summary>
    /// <param name="host">How it names itself: an address or name of this machine.</param>
    /// <param name="other">Answers what is asked below <c>/oidc/</c>; null: there is nothing.</param>
    public static async Task<TokenIssuer> StartAsync(string host = "127.0.0.1", Func<HttpContext, ReceivedRequest, Task>? other = null)
    {
        var issuer = new TokenIssuer(host, other);
        issuer._server = await Upstream.StartAsync(issuer.AnswerAsync);
        return issuer;
    }

    /// <summary>Signs with another key from now on, and tells that one alone.</summary>
    public void Rotate() => _all.Add(RSA.Create(2048));

    /// <summary>A token that would be taken, but for what <paramref name="change"/> makes of it.</summary>
    public string Issue(string audience, IDictionary<string, object> claims, Action<SecurityTokenDescriptor>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = audience,
            NotBefore = now.AddMinutes(-1),
            Expires = now.AddMinutes(5),
            Claims = claims,
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_all[^1]) { KeyId = Kid }, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _all.ForEach(key => key.Dispose());
    }

    private Task AnswerAsync(HttpContext http, ReceivedRequest received)
    {
        if (_else is not null && http.Request.Path.StartsWithSegments("/oidc", StringComparison.Ordinal))
        {
            return _else(http, received);
        }

        if (http.Request.Path.Value is "/.well-known/openid-configuration")
        {
            return http.Response.WriteAsJsonAsync(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["issuer"] = Url,
                ["jwks_uri"] = $"{Url}/keys",
                ["authorization_endpoint"] = $"{Url}/oidc/authorize",
                ["token_endpoint"] = $"{Url}/oidc/token",
                ["userinfo_endpoint"] = $"{Url}/oidc/userinfo",
                ["end_session_endpoint"] = $"{Url}/oidc/end",
            });
        }

        Asked++;
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_all[^1].ExportParameters(includePrivateParameters: false)) { KeyId = Kid });
        return http.Response.WriteAsync(JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", use = "sig", kid = Kid, n = key.N, e = key.E } } }));
    }
}
