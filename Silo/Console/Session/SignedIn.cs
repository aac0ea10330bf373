using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Console.Session;

/// <summary>Who uses the console: the admin key by its id, never the key itself. What it may do is looked up again for each call.</summary>
/// <param name="KeyId">The admin key's.</param>
/// <param name="From">The browser's address when it signed in.</param>
internal sealed record SignedIn(string KeyId, string From)
{
    private const string FromClaim = "sluice:from";

    /// <summary>What a cookie holds, sealed.</summary>
    public static ClaimsPrincipal Write(AdminKey key, string from) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, key.Id),
            new Claim(ClaimTypes.Name, key.Name),
            new Claim(FromClaim, from),
            .. Enum.GetValues<AdminRole>().Where(role => role <= key.Role).Select(role => new Claim(ClaimTypes.Role, role.ToString())),
        ],
        CookieAuthenticationDefaults.AuthenticationScheme));

    /// <summary>Null: nobody is signed in.</summary>
    public static SignedIn? Read(ClaimsPrincipal principal) => principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } id
        ? new SignedIn(id, principal.FindFirstValue(FromClaim) ?? "")
        : null;

    /// <summary>The key that stands behind this, if it was not revoked.</summary>
    public async Task<AdminKey?> FindKeyAsync(IGrainFactory grains) =>
        (await grains.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key).ListAsync()).FirstOrDefault(key => string.Equals(key.Id, KeyId, StringComparison.Ordinal));
}
