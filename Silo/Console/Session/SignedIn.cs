using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Admin;
using Sluice.Silo.Oidc;

namespace Sluice.Silo.Console.Session;

/// <summary>Who uses the console: an admin key by its id, never the key itself, or somebody for whom the identity provider vouches. What they may do is looked up again for each call.</summary>
/// <param name="Id">The admin key's; null: <paramref name="Vouched"/> says who it is.</param>
/// <param name="From">The browser's address when it signed in.</param>
/// <param name="Vouched">What the provider said, and until when that is believed.</param>
internal sealed record SignedIn(string? Id, string From, (Vouched Who, DateTimeOffset Until)? Vouched)
{
    private const string FromClaim = "sluice:from";
    private const string IssuerClaim = "sluice:issuer";
    private const string NameClaim = "sluice:name";
    private const string GrantClaim = "sluice:grant";
    private const string UntilClaim = "sluice:until";

    /// <summary>What the cookie of a key's holder has in it, sealed.</summary>
    public static ClaimsPrincipal Write(AdminKey key, string from) => Write(Operator.Of(key), from, []);

    /// <summary>What the cookie of somebody has in it for whom the provider vouches.</summary>
    public static ClaimsPrincipal Write(Vouched who, Operator caller, string from, DateTimeOffset until) => Write(
        caller with { Id = who.Subject },
        from,
        [
            new Claim(IssuerClaim, who.Issuer),
            new Claim(NameClaim, who.Name),
            new Claim(UntilClaim, until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            .. who.Grants.Select(grant => new Claim(GrantClaim, grant)),
        ]);

    /// <summary>Null: nobody is signed in.</summary>
    public static SignedIn? Read(ClaimsPrincipal principal)
    {
        var from = principal.FindFirstValue(FromClaim) ?? "";
        if (principal.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id)
        {
            return null;
        }

        if (principal.FindFirstValue(IssuerClaim) is not { } issuer)
        {
            return new SignedIn(id, from, null);
        }

        var until = DateTimeOffset.FromUnixTimeSeconds(long.Parse(principal.FindFirstValue(UntilClaim)!, CultureInfo.InvariantCulture));
        var who = new Vouched(issuer, id, principal.FindFirstValue(NameClaim) ?? id, [.. principal.FindAll(GrantClaim).Select(c => c.Value)]);
        return new SignedIn(null, from, (who, until));
    }

    /// <summary>Who stands behind this now: null where the key was revoked, the time is over, or the settings give no role any more.</summary>
    public async Task<Operator?> FindAsync(IGrainFactory grains, OidcOptions oidc, TimeProvider time)
    {
        if (Vouched is var (who, until))
        {
            return until > time.GetUtcNow() ? who.As(oidc) : null;
        }

        var keys = await grains.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key).ListAsync();
        return keys.FirstOrDefault(key => string.Equals(key.Id, Id, StringComparison.Ordinal)) is { } found ? Operator.Of(found) : null;
    }

    private static ClaimsPrincipal Write(Operator caller, string from, IEnumerable<Claim> more) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, caller.Id),
            new Claim(ClaimTypes.Name, caller.Name),
            new Claim(FromClaim, from),
            .. Enum.GetValues<AdminRole>().Where(role => role <= caller.Role && (role < AdminRole.Viewer) == (caller.Role < AdminRole.Viewer)).Select(role => new Claim(ClaimTypes.Role, role.ToString())),
            .. caller.Tenant is { } tenant ? [new Claim(TenantPages.Claim, tenant)] : Array.Empty<Claim>(),
            .. more,
        ],
        CookieAuthenticationDefaults.AuthenticationScheme));
}
