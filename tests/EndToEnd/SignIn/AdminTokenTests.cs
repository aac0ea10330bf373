using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.SignIn;

/// <summary>The admin API and the command line by a token of the identity provider, where a key would stand.</summary>
public sealed class AdminTokenTests
{
    private const string Audience = "https://sluice.example.com/admin";

    [Fact]
    public async Task A_token_does_what_its_role_allows_and_names_the_author_and_the_API_takes_no_other()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__OIDC__ISSUER"] = issuer.Url,
            ["SLUICE__OIDC__AUDIENCES__0"] = Audience,
            ["SLUICE__OIDC__OPERATORS__0"] = "ops",
            ["SLUICE__OIDC__NAMECLAIM"] = "preferred_username",
            ["SLUICE__OIDC__TENANTADMINS__0"] = "{tenant}-owners",
        });
        var token = issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "s-1", ["preferred_username"] = "ada", ["groups"] = new[] { "ops" } });

        using var ada = new AdminApi(gateway.Sluice.Admin, token);
        using var stranger = new AdminApi(gateway.Sluice.Admin, issuer.Issue("others", new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "s-1" }));

        var me = await ada.GetAsync("whoami");
        Assert.Equal(("oidc:s-1", "oidc:ada", "operator"), (me.GetProperty("id").GetString(), me.GetProperty("name").GetString(), me.GetProperty("role").GetString()));
        Assert.False(me.TryGetProperty("last4", out _));

        await ada.ApplyAsync("kind: Upstream\nname: theirs\naddresses: [http://127.0.0.1:9]\n");
        Assert.Equal("oidc:ada", (await gateway.Admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("author").GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.SendAsync(HttpMethod.Get, "admin-keys", null)).Status);

        var (status, refused) = await stranger.SendAsync(HttpMethod.Get, "whoami", null);
        Assert.Equal((HttpStatusCode.Unauthorized, true), (status, refused.ToString().Contains("another audience", StringComparison.Ordinal)));

        (status, refused) = await gateway.Admin.SendAsync(HttpMethod.Post, "admin-keys", """{"name":"oidc:ada","role":"viewer"}""");
        Assert.Equal((HttpStatusCode.BadRequest, true), (status, refused.ToString().Contains("must not begin with 'oidc:'", StringComparison.Ordinal)));

        await gateway.Admin.CreateTenantAsync("acme");
        await gateway.Admin.CreateTenantAsync("shop");
        using var owner = new AdminApi(gateway.Sluice.Admin, issuer.Issue(Audience, new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "s-2", ["preferred_username"] = "olga", ["groups"] = new[] { "acme-owners" } }));
        me = await owner.GetAsync("whoami");
        Assert.Equal(("oidc:olga", "tenant-admin", "acme"), (me.GetProperty("name").GetString(), me.GetProperty("role").GetString(), me.GetProperty("tenant").GetString()));
        await owner.CreateKeyAsync("acme");
        Assert.Equal(["acme"], (await owner.GetAsync("tenants")).GetProperty("items").EnumerateArray().Select(t => t.GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await owner.SendAsync(HttpMethod.Get, "tenants/shop/keys", null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.SendAsync(HttpMethod.Get, "revisions", null)).Status);

        var (code, output, _) = await HostedSluice.CommandAsync(["get", "upstreams", "--admin-url", gateway.Sluice.Admin.AbsoluteUri, "--admin-key", token]);
        Assert.Equal(0, code);
        Assert.Contains("theirs", output, StringComparison.Ordinal);
    }
}
