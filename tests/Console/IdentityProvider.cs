using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Console;

/// <summary>
/// An identity provider (OpenID Connect, authorization code with PKCE) with a page of its own, on which a test chooses who it is. It refuses what a real one would: a client,
/// address or scope that it does not know, a code twice, a verifier that is not the challenge's.
/// </summary>
public sealed class IdentityProvider : IAsyncDisposable
{
    /// <summary>As what the console is known.</summary>
    public const string ClientId = "sluice-console";

    /// <summary>What the admin API's tokens are for.</summary>
    public const string Audience = "https://sluice.example.com/admin";

    private const string ClientSecret = "the console's secret";
    private readonly ConcurrentDictionary<string, Grant> _codes = new(StringComparer.Ordinal);
    private TokenIssuer? _issuer;

    /// <summary>The issuer behind it.</summary>
    public TokenIssuer Issuer => _issuer!;

    /// <summary>The secrets that were shown to it at its token address, as they came.</summary>
    public ConcurrentQueue<string> Shown { get; } = new();

    /// <summary>What a gateway is started with.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SLUICE__OIDC__ISSUER"] = Issuer.Url,
        ["SLUICE__OIDC__CLIENTID"] = ClientId,
        ["SLUICE__OIDC__CLIENTSECRET"] = ClientSecret,
        ["SLUICE__OIDC__AUDIENCES__0"] = Audience,
        ["SLUICE__OIDC__ADMINS__0"] = "gateway admins",
        ["SLUICE__OIDC__OPERATORS__0"] = "gateway-operators",
        ["SLUICE__OIDC__VIEWERS__0"] = "everyone",
        ["SLUICE__OIDC__TENANTVIEWERS__0"] = "{tenant}-people",
    };

    /// <summary>Starts on a free port. It is another site than the gateway, which is at an address: as in life, what comes from it comes from elsewhere.</summary>
    public static async Task<IdentityProvider> StartAsync()
    {
        var provider = new IdentityProvider();
        provider._issuer = await TokenIssuer.StartAsync("localhost", provider.AnswerAsync);
        return provider;
    }

    public ValueTask DisposeAsync() => Issuer.DisposeAsync();

    private Task AnswerAsync(HttpContext http, ReceivedRequest received) => http.Request.Path.Value switch
    {
        "/oidc/authorize" => ShowAsync(http),
        "/oidc/choose" => ChooseAsync(http),
        "/oidc/token" => RedeemAsync(http, received),
        "/oidc/end" => WriteAsync(http, "<h1>Signed out of the provider</h1>"),
        _ => NotFoundAsync(http),
    };

    private static Task ShowAsync(HttpContext http)
    {
        var query = http.Request.Query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Contains("openid", StringComparison.Ordinal)
            || !query["redirect_uri"].ToString().EndsWith("/console/oidc/callback", StringComparison.Ordinal) || query["nonce"].Count == 0 || query["state"].Count == 0)
        {
            http.Response.StatusCode = 400;
            return WriteAsync(http, "<h1>A request that no console makes</h1>");
        }

        var asked = http.Request.QueryString.ToString().TrimStart('?');
        return WriteAsync(http, $"""
            <h1>Who are you?</h1>
            <p><a href="/oidc/choose?who=ada&amp;{asked}">Ada, who runs it</a></p>
            <p><a href="/oidc/choose?who=vic&amp;{asked}">Vic, who looks on</a></p>
            <p><a href="/oidc/choose?who=tia&amp;{asked}">Tia, of one tenant</a></p>
            <p><a href="/oidc/choose?who=eve&amp;{asked}">Eve, a stranger</a></p>
            <p><a href="/oidc/choose?who=no&amp;{asked}">Nobody</a></p>
            """);
    }

    private Task ChooseAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var (who, state) = (query["who"].ToString(), query["state"].ToString());
        Dictionary<string, string?> answer = new(StringComparer.Ordinal) { ["state"] = state };
        if (who is "no")
        {
            answer["error"] = "access_denied";
        }
        else
        {
            answer["code"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            _codes[answer["code"]!] = new Grant(who, query["nonce"].ToString(), query["code_challenge"].ToString(), query["redirect_uri"].ToString());
        }

        http.Response.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"].ToString(), answer));
        return Task.CompletedTask;
    }

    private Task RedeemAsync(HttpContext http, ReceivedRequest received)
    {
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(received.Body));
        Shown.Enqueue(form["client_secret"].ToString());
        var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret || !_codes.TryRemove(form["code"].ToString(), out var grant)
            || !string.Equals(grant.Challenge, challenge, StringComparison.Ordinal) || form["redirect_uri"] != grant.RedirectUri)
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsJsonAsync(new { error = "invalid_grant" });
        }

        var claims = ClaimsOf(grant.Who);
        claims["nonce"] = grant.Nonce;
        claims["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return http.Response.WriteAsJsonAsync(new { access_token = "opaque", token_type = "Bearer", expires_in = 300, id_token = Issuer.Issue(ClientId, claims) });
    }

    private static Dictionary<string, object> ClaimsOf(string who) => new(StringComparer.Ordinal)
    {
        ["sub"] = $"subject-of-{who}",
        ["email"] = $"{who}@example.com",
        ["email_verified"] = true,
        ["groups"] = who switch { "ada" => ["gateway admins", "chess"], "vic" => ["everyone"], "tia" => ["default-people"], _ => new[] { "admins" } },
    };

    private static Task WriteAsync(HttpContext http, string html)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync($"<!DOCTYPE html><html lang=\"en\"><title>The provider</title>{html}</html>");
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private sealed record Grant(string Who, string Nonce, string Challenge, string RedirectUri);
}
