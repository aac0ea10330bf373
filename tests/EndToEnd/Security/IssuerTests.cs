using System.Net;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>Tokens of an identity provider in a key's place.</summary>
public sealed class IssuerTests(SharedGateway shared)
{
    private const string Audience = "https://api.example.com";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"i{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_token_of_a_declared_issuer_stands_for_its_tenant_and_user_wherever_a_key_does()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var upstream = await OwnModel.StartAsync();
        await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), Issuer(issuer, "claims: { tenant: org }"), Limit("user/*"));
        var (ada, bob) = (Bearer(issuer, "auth0|ada"), Bearer(issuer, "bob"));

        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(ada, _name)).Status);
        var (status, body) = await OwnModel.AskAsync(ada, _name);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains($"user/{_name}/auth0~7Cada", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(bob, _name)).Status);
        Assert.Equal(1, issuer.Asked);
    }

    [Fact]
    public async Task A_tenant_that_is_suspended_takes_its_tokens_along_and_brings_them_back()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var upstream = await OwnModel.StartAsync();
        await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), Issuer(issuer, $"tenant: {_name}"));
        var ada = Bearer(issuer, "ada");
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(ada, _name)).Status);

        await _gateway.Admin.PostAsync($"tenants/{_name}/suspend", new { });
        var (status, body) = await OwnModel.AskAsync(ada, _name);
        await _gateway.Admin.PostAsync($"tenants/{_name}/resume", new { });

        Assert.Equal((HttpStatusCode.Unauthorized, true), (status, body.Contains("suspended", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(ada, _name)).Status);
    }

    [Fact]
    public async Task An_issuer_that_is_removed_or_that_changes_its_audience_is_not_believed_from_that_revision_on()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var upstream = await OwnModel.StartAsync();
        await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), Issuer(issuer, $"tenant: {_name}"));
        var ada = Bearer(issuer, "ada");
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(ada, _name)).Status);

        await _gateway.ApplyAsync(Issuer(issuer, $"tenant: {_name}").Replace(Audience, "https://other.example.com", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Unauthorized, (await OwnModel.AskAsync(ada, _name)).Status);
    }

    [Fact]
    public async Task A_key_that_the_issuer_has_only_now_is_asked_for_and_what_the_old_one_signed_is_refused()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var upstream = await OwnModel.StartAsync();
        await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), Issuer(issuer, $"tenant: {_name}"));
        var old = Bearer(issuer, "ada");
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(old, _name)).Status);

        issuer.Rotate();

        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(Bearer(issuer, "ada"), _name)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await OwnModel.AskAsync(old, _name)).Status);
    }

    [Fact]
    public async Task What_attackers_make_of_tokens_is_refused()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var other = await TokenIssuer.StartAsync();
        await using var upstream = await OwnModel.StartAsync();
        await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), Issuer(issuer, "claims: { tenant: org }"));
        var good = Token(issuer, "ada");
        var parts = good.Split('.');
        var none = Encode("""{"alg":"none","typ":"JWT"}""");
        var future = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(10);
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["alg none"] = $"{none}.{parts[1]}.",
            ["alg none with the signature"] = $"{none}.{parts[1]}.{parts[2]}",
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["another payload"] = $"{parts[0]}.{Encode($$"""{"iss":"{{issuer.Url}}","aud":"{{Audience}}","sub":"eve","org":"{{_name}}","exp":9999999999}""")}.{parts[2]}",
            ["the public key as a secret"] = Token(issuer, "ada", t => t.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(issuer.PublicKey) { KeyId = "k1" }, SecurityAlgorithms.HmacSha256)),
            ["another's key under this kid"] = Token(other, "ada", t => t.Issuer = issuer.Url),
            ["another issuer"] = Token(other, "ada"),
            ["another audience"] = Token(issuer, "ada", t => t.Audience = "https://else.example.com"),
            ["expired"] = Token(issuer, "ada", t => (t.NotBefore, t.Expires) = (TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1), TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-2))),
            ["not yet valid"] = Token(issuer, "ada", t => (t.NotBefore, t.Expires) = (future, future.AddHours(1))),
            ["without an end"] = Token(issuer, "ada", t => t.Expires = null),
            ["without a tenant"] = issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ada" }),
            ["a tenant that is none"] = issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ada", ["org"] = "a|b" }),
            ["a tenant that nobody made"] = issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ada", ["org"] = $"{_name}-none" }),
            ["a kid that is a path"] = $"{Encode("""{"alg":"RS256","kid":"../../../dev/null"}""")}.{parts[1]}.{parts[2]}",
            ["keys of its own"] = $"{Encode($$"""{"alg":"RS256","kid":"k1","jku":"{{other.Url}}/keys"}""")}.{parts[1]}.{parts[2]}",
            ["no JSON"] = "eyJ.eyJ.x",
            ["too long"] = issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "ada", ["org"] = _name, ["x"] = new string('x', 8_000) }),
        };
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(Client(good), _name)).Status);

        foreach (var (name, token) in all)
        {
            var (status, body) = await OwnModel.AskAsync(Client(token), _name);
            Assert.True(status == HttpStatusCode.Unauthorized, $"{name}: {status} {body}");
        }
    }

    [Fact]
    public async Task A_wrong_issuer_is_refused_where_it_is_declared()
    {
        var (status, answer) = await _gateway.Admin.SendAsync(HttpMethod.Post, "apply", """
            kind: Issuer
            name: wrong
            issuer: http://login.example.com
            audiences: []
            algorithms: [HS256]
            tenant: Acme
            claims: { tenant: org }
            """, "application/yaml");
        var told = answer.ToString();

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("must begin with https://", told, StringComparison.Ordinal);
        Assert.Contains("tokens that were made for others", told, StringComparison.Ordinal);
        Assert.Contains("HS256", told, StringComparison.Ordinal);
        Assert.Contains("is no tenant's name", told, StringComparison.Ordinal);
        Assert.Contains("stands beside claims.tenant", told, StringComparison.Ordinal);
    }

    private static string Encode(string json) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(json));

    private string Token(TokenIssuer issuer, string user, Action<SecurityTokenDescriptor>? change = null) =>
        issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = user, ["org"] = _name }, change);

    private HttpClient Bearer(TokenIssuer issuer, string user) => Client(Token(issuer, user));

    private HttpClient Client(string token) => _gateway.Client(token);

    private string Issuer(TokenIssuer issuer, string whom) => $"""
        kind: Issuer
        name: {_name}
        issuer: {issuer.Url}
        audiences: ["{Audience}"]
        {whom}
        """;

    private string Limit(string subject) => $$"""
        kind: Limit
        name: {{_name}}
        subject: {{subject}}
        for: { model: {{_name}} }
        requests: { per: hour, amount: 1, burst: 1 }
        """;
}
