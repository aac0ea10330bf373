using System.Text.Json;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Oidc;

namespace Sluice.Tests.EndToEnd.SignIn;

/// <summary>What claims make of somebody. No gateway is needed.</summary>
public sealed class VouchedTests
{
    private static readonly OidcOptions Settings = new()
    {
        Issuer = "https://login.example.com",
        ClientId = "console",
        Admins = ["gateway admins"],
        Operators = ["ops"],
        Viewers = ["all"],
    };

    [Theory]
    [InlineData("""{"sub":"1","groups":["chess","gateway admins","all"]}""", AdminRole.Admin)]
    [InlineData("""{"sub":"1","groups":["ops","all"]}""", AdminRole.Operator)]
    [InlineData("""{"sub":"1","groups":"all"}""", AdminRole.Viewer)]
    [InlineData("""{"sub":"1","groups":["admins"]}""", null)]
    [InlineData("""{"sub":"1","groups":"no gateway admins"}""", null)]
    [InlineData("""{"sub":"1","groups":"chess ops"}""", null)]
    [InlineData("""{"sub":"1","groups":["OPS","ops "]}""", null)]
    [InlineData("""{"sub":"1","groups":[{"name":"ops"},7,null]}""", null)]
    [InlineData("""{"sub":"1","groups":["*"]}""", null)]
    [InlineData("""{"sub":"1"}""", null)]
    [InlineData("""{"groups":["ops"]}""", null)]
    [InlineData("""{"sub":"","groups":["ops"]}""", null)]
    [InlineData("""{"sub":"a\u202eb","groups":["ops"]}""", null)]
    [InlineData("""["sub"]""", null)]
    public void The_highest_role_of_the_values_that_the_settings_name_is_given_and_none_to_others(string claims, AdminRole? expected) =>
        Assert.Equal(expected, RoleOf(Settings, claims));

    [Theory]
    [InlineData("realm_access.roles", """{"sub":"1","realm_access":{"roles":["ops"]}}""", true)]
    [InlineData("resource_access.sluice.roles", """{"sub":"1","resource_access":{"sluice":{"roles":["ops"]},"other":{"roles":["gateway admins"]}}}""", true)]
    [InlineData("https://example.com/roles", """{"sub":"1","https://example.com/roles":["ops"]}""", true)]
    [InlineData("realm_access.roles", """{"sub":"1","realm_access":["ops"]}""", false)]
    [InlineData("scope", """{"sub":"1","scope":"openid ops"}""", true)]
    [InlineData("email", """{"sub":"1","email":"ops","email_verified":true}""", true)]
    [InlineData("email", """{"sub":"1","email":"ops","email_verified":false}""", false)]
    [InlineData("email", """{"sub":"1","email":"ops"}""", false)]
    public void The_claim_may_lie_within_others_be_a_scope_or_an_address_that_was_verified(string claim, string claims, bool isIn) =>
        Assert.Equal(isIn ? AdminRole.Operator : null, RoleOf(Settings with { RoleClaim = claim }, claims));

    [Fact]
    public void Everybody_may_be_a_viewer()
    {
        var open = Settings with { Viewers = [OidcOptions.Everybody] };

        Assert.Equal(AdminRole.Viewer, RoleOf(open, """{"sub":"1"}"""));
        Assert.Equal(AdminRole.Operator, RoleOf(open, """{"sub":"1","groups":["ops"]}"""));
    }

    [Theory]
    [InlineData("""["acme owners"]""", AdminRole.TenantAdmin, "acme")]
    [InlineData("""["acme readers"]""", AdminRole.TenantViewer, "acme")]
    [InlineData("""["acme readers","acme owners"]""", AdminRole.TenantAdmin, "acme")]
    [InlineData("""["cn=shop,ou=groups"]""", AdminRole.TenantAdmin, "shop")]
    [InlineData("""["sluice-shop-viewers","chess"]""", AdminRole.TenantViewer, "shop")]
    [InlineData("""["sluice-shop-viewers","acme owners"]""", null, null)]
    [InlineData("""["sluice--viewers"]""", null, null)]
    [InlineData("""["sluice-../x-viewers"]""", null, null)]
    [InlineData("""["sluice-default|x-viewers"]""", null, null)]
    [InlineData("""["Acme owners"]""", null, null)]
    [InlineData("""["ops","acme owners"]""", AdminRole.Operator, null)]
    public void A_value_gives_a_role_of_one_tenant_and_those_of_several_let_nobody_in(string groups, AdminRole? role, string? tenant)
    {
        var settings = Settings with { TenantAdmins = ["acme owners=acme", "cn=shop,ou=groups=shop"], TenantViewers = ["acme readers=acme", "sluice-{tenant}-viewers"] };
        var (who, wrong) = Vouched.Read(settings, Read($$"""{"sub":"1","groups":{{groups}}}"""));

        var caller = who?.As(settings);
        Assert.Equal((role, tenant), (caller?.Role, caller?.Tenant));
        Assert.Equal(groups.Contains("shop-viewers\",\"acme", StringComparison.Ordinal), wrong.Contains("roles of several tenants (acme, shop)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""["ops","legal"]""", true)]
    [InlineData("""["ops"]""", false)]
    [InlineData("""["acme owners","legal"]""", false)]
    public void Bodies_of_calls_are_read_by_a_value_of_its_own_beside_a_role_and_by_nobody_of_one_tenant(string groups, bool reads)
    {
        var settings = Settings with { BodyReaders = ["legal"], TenantAdmins = ["acme owners=acme"] };

        Assert.Equal(reads, Vouched.Read(settings, Read($$"""{"sub":"1","groups":{{groups}}}""")).Who!.As(settings)!.ReadsBodies);
        Assert.Null(Vouched.Read(settings, Read("""{"sub":"1","groups":["legal"]}""")).Who);
    }

    [Fact]
    public void Who_has_a_role_of_a_tenant_has_that_and_not_what_everybody_has()
    {
        var open = Settings with { Viewers = [OidcOptions.Everybody], TenantViewers = ["{tenant}-people"] };

        Assert.Equal("acme", Vouched.Read(open, Read("""{"sub":"1","groups":["acme-people"]}""")).Who!.As(open)!.Tenant);
        Assert.Null(Vouched.Read(open, Read("""{"sub":"1","groups":["chess"]}""")).Who!.As(open)!.Tenant);
    }

    [Theory]
    [InlineData("""{"sub":"s-1","groups":["ops"],"email":"ada@example.com","email_verified":true}""", "oidc:ada@example.com")]
    [InlineData("""{"sub":"s-1","groups":["ops"],"email":"ada@example.com","email_verified":false}""", "oidc:s-1")]
    [InlineData("""{"sub":"s-1","groups":["ops"],"email":"ada@example.com"}""", "oidc:s-1")]
    [InlineData("""{"sub":"s-1","groups":["ops"],"email":"ada\nroot@example.com","email_verified":true}""", "oidc:s-1")]
    [InlineData("""{"sub":"s-1","groups":["ops"]}""", "oidc:s-1")]
    public void The_history_has_the_verified_address_or_else_the_subject(string claims, string expected) =>
        Assert.Equal(("oidc:s-1", expected), Vouched.Read(Settings, Read(claims)).Who?.As(Settings) is { } who ? (who.Id, who.Name) : default);

    [Fact]
    public void What_somebody_may_do_goes_by_the_settings_of_the_silo_that_is_asked()
    {
        var who = Vouched.Read(Settings, Read("""{"sub":"1","groups":["ops","chess"]}""")).Who!;

        Assert.Equal(["ops"], who.Grants);
        Assert.Null(who.As(Settings with { Operators = ["others"] }));
        Assert.Null(who.As(Settings with { Issuer = "https://other.example.com" }));
        Assert.Equal(AdminRole.Admin, who.As(Settings with { Admins = ["ops"] })!.Role);
    }

    private static AdminRole? RoleOf(OidcOptions settings, string claims) => Vouched.Read(settings, Read(claims)).Who?.As(settings)?.Role;

    private static JsonElement Read(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
