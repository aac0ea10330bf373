using Sluice.Silo.Oidc;

namespace Sluice.Tests.EndToEnd.SignIn;

/// <summary>What is refused of the settings, each with its name.</summary>
public sealed class OidcOptionsTests
{
    private static readonly OidcOptions Good = new() { Issuer = "https://login.example.com/realms/one", ClientId = "console", Admins = ["admins"] };

    public static TheoryData<string, OidcOptions> Wrong => new()
    {
        { "Oidc:Issuer is missing", new OidcOptions { ClientId = "console" } },
        { "Oidc:Issuer must be", Good with { Issuer = "http://login.example.com" } },
        { "Oidc:Issuer must be", Good with { Issuer = "login.example.com" } },
        { "Oidc:Issuer must be", Good with { Issuer = "https://user@login.example.com" } },
        { "Oidc:Issuer must be", Good with { Issuer = "https://login.example.com/?x=1" } },
        { "Oidc:ClientId (for the console) or Oidc:Audiences", Good with { ClientId = null } },
        { "Oidc:ClientId is missing", Good with { ClientId = null, ClientSecret = "x", Audiences = ["a"] } },
        { "Oidc:Audiences has an empty entry", Good with { Audiences = [""] } },
        { "Oidc:Scopes must hold 'openid'", Good with { Scopes = "profile" } },
        { "one is 'HS256'", Good with { Algorithms = ["RS256", "HS256"] } },
        { "one is 'none'", Good with { Algorithms = ["none"] } },
        { "nobody would have a role", Good with { Admins = [] } },
        { "Oidc:Viewers alone may have '*'", Good with { Admins = ["*"] } },
        { "Oidc:TenantAdmins must be VALUE=TENANT", Good with { TenantAdmins = ["acme"] } },
        { "Oidc:TenantAdmins must be VALUE=TENANT", Good with { TenantAdmins = ["acme admins=Acme Inc."] } },
        { "Oidc:TenantViewers would take every value", Good with { TenantViewers = ["{tenant}"] } },
        { "Oidc:TenantViewers has {tenant} more than once", Good with { TenantViewers = ["{tenant}-{tenant}"] } },
        { "must have no empty entry", Good with { Viewers = [""] } },
        { "must not be empty", Good with { RoleClaim = " " } },
        { "Oidc:Session must be 5m to 24h", Good with { Session = TimeSpan.FromDays(2) } },
        { "Oidc:PublicUrl must be", Good with { PublicUrl = "https://sluice.example.com/console" } },
        { "Oidc:PublicUrl must be", Good with { PublicUrl = "ftp://sluice.example.com" } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void A_wrong_setting_is_named(string expected, OidcOptions settings) => Assert.Contains(settings.Validate(), error => error.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Right_settings_and_none_are_taken_and_no_secret_is_told()
    {
        Assert.Empty(new OidcOptions().Validate());
        Assert.Empty((Good with { Issuer = "http://localhost:9", PublicUrl = "https://sluice.example.com/", Algorithms = ["ES256"], Viewers = ["*"] }).Validate());
        Assert.Empty((Good with { Admins = [], TenantAdmins = ["cn=acme,ou=groups=acme", "sluice-{tenant}-admins"], TenantViewers = ["{tenant}@example.com"] }).Validate());
        Assert.DoesNotContain("hidden", (Good with { ClientSecret = "hidden" }).ToString(), StringComparison.Ordinal);
    }
}
