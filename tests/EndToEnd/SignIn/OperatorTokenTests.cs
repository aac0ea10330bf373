using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Outbound;
using Sluice.Silo.Oidc;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.SignIn;

/// <summary>Tokens of the identity provider at the admin API, against the provider itself; no gateway is needed.</summary>
public sealed class OperatorTokenTests : IAsyncLifetime
{
    private const string Audience = "https://sluice.example.com/admin";
    private TokenIssuer _issuer = null!;
    private OidcProvider _provider = null!;
    private OperatorTokens _tokens = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TokenIssuer.StartAsync();
        var options = new OidcOptions { Issuer = _issuer.Url, Audiences = [Audience], Admins = ["admins"], Viewers = ["viewers"] };
        _provider = new OidcProvider(options, new OwnPorts(), TimeProvider.System, NullLogger<OidcProvider>.Instance);
        _tokens = new OperatorTokens(options, _provider);
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_token_of_the_provider_stands_for_its_bearer_and_its_keys_are_asked_for_once()
    {
        var (who, refusal) = await IdentifyAsync(Token("viewers"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => IdentifyAsync(Token("viewers"))));

        Assert.Null(refusal);
        Assert.Equal(("oidc:ada", "oidc:ada", AdminRole.Viewer), (who!.Id, who.Name, who.Role));
        Assert.Equal(1, _issuer.Asked);
    }

    [Fact]
    public async Task A_key_that_the_provider_has_only_now_is_asked_for_and_what_the_old_one_signed_is_refused()
    {
        var old = Token("admins");
        Assert.NotNull((await IdentifyAsync(old)).Who);

        _issuer.Rotate();

        Assert.NotNull((await IdentifyAsync(Token("admins"))).Who);
        Assert.Equal(401, (await IdentifyAsync(old)).Refusal!.Status);
    }

    [Fact]
    public async Task Keys_that_nobody_has_do_not_make_it_a_flood_for_the_provider()
    {
        Assert.NotNull((await IdentifyAsync(Token("admins"))).Who);
        var unknown = Token("admins", t => t.SigningCredentials = new SigningCredentials(new RsaSecurityKey(System.Security.Cryptography.RSA.Create(2048)) { KeyId = "nobody's" }, "RS256"));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(401, (await IdentifyAsync(unknown)).Refusal!.Status);
        }

        Assert.InRange(_issuer.Asked, 2, 3);
    }

    [Fact]
    public async Task Who_has_no_role_is_known_and_refused()
    {
        var (who, refusal) = await IdentifyAsync(Token("chess"));

        Assert.Null(who);
        Assert.Equal(403, refusal!.Status);
        Assert.Contains("none of the values of 'groups'", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_asked_is_no_refusal()
    {
        var token = Token("admins");
        await _issuer.DisposeAsync();

        Assert.Equal(503, (await IdentifyAsync(token)).Refusal!.Status);
    }

    [Fact]
    public async Task What_attackers_make_of_tokens_is_refused()
    {
        await using var other = await TokenIssuer.StartAsync();
        var parts = Token("admins").Split('.');
        var none = Encode("""{"alg":"none","typ":"JWT"}""");
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["alg none"] = $"{none}.{parts[1]}.",
            ["alg none with the signature"] = $"{none}.{parts[1]}.{parts[2]}",
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["another payload"] = $"{parts[0]}.{Encode($$"""{"iss":"{{_issuer.Url}}","aud":"{{Audience}}","sub":"eve","groups":["admins"],"exp":9999999999}""")}.{parts[2]}",
            ["the public key as a secret"] = Token("admins", t => t.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(_issuer.PublicKey) { KeyId = "k1" }, SecurityAlgorithms.HmacSha256)),
            ["another's key under this kid"] = other.Issue(Audience, Claims("admins"), t => t.Issuer = _issuer.Url),
            ["another issuer"] = other.Issue(Audience, Claims("admins")),
            ["another audience"] = Token("admins", t => t.Audience = "sluice-console"),
            ["no audience"] = Token("admins", t => t.Audience = null),
            ["an algorithm that is not taken"] = Token("admins", t => t.SigningCredentials = new SigningCredentials(t.SigningCredentials.Key, SecurityAlgorithms.RsaSha512)),
            ["expired"] = Token("admins", t => (t.NotBefore, t.Expires) = (now.AddHours(-1), now.AddMinutes(-2))),
            ["not yet valid"] = Token("admins", t => (t.NotBefore, t.Expires) = (now.AddMinutes(10), now.AddHours(1))),
            ["without an end"] = Token("admins", t => t.Expires = null),
            ["a kid that is a path"] = $"{Encode("""{"alg":"RS256","kid":"../../../dev/null"}""")}.{parts[1]}.{parts[2]}",
            ["keys of its own"] = $"{Encode($$"""{"alg":"RS256","kid":"k1","jku":"{{other.Url}}/keys"}""")}.{parts[1]}.{parts[2]}",
            ["no JSON"] = "eyJ.eyJ.x",
            ["too long"] = Token("admins", t => t.Claims["x"] = new string('x', 20_000)),
        };

        foreach (var (name, token) in all)
        {
            var (who, refusal) = await IdentifyAsync(token);
            Assert.True(who is null && refusal!.Status is 401, $"{name}: {who} {refusal}");
        }

        Assert.Equal(0, other.Asked);
    }

    private static string Encode(string json) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(json));

    private static Dictionary<string, object> Claims(string group) => new(StringComparer.Ordinal) { ["sub"] = "ada", ["groups"] = new[] { group } };

    private string Token(string group, Action<SecurityTokenDescriptor>? change = null) => _issuer.Issue(Audience, Claims(group), change);

    private Task<(Silo.Admin.Operator? Who, Silo.Admin.Problem? Refusal)> IdentifyAsync(string token) => _tokens.IdentifyAsync(token, TestContext.Current.CancellationToken);
}
