using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;

namespace Sluice.Silo.Oidc;

/// <summary>
/// Which values of the role claim give a role of one tenant: <c>VALUE=TENANT</c> those of that tenant, or a pattern with <c>{tenant}</c> in it, such as <c>sluice-{tenant}-admins</c>, those of
/// the tenant whose name stands there. Pure.
/// </summary>
internal static class TenantGrants
{
    /// <summary>Where in a pattern the tenant's name stands.</summary>
    public const string Place = "{tenant}";

    /// <summary>The tenant that an entry makes of a value; null: the entry does not name the value.</summary>
    public static string? TenantOf(string entry, string value)
    {
        var place = entry.IndexOf(Place, StringComparison.Ordinal);
        if (place >= 0)
        {
            var (before, after) = (entry[..place], entry[(place + Place.Length)..]);
            return value.Length > before.Length + after.Length && value.StartsWith(before, StringComparison.Ordinal) && value.EndsWith(after, StringComparison.Ordinal)
                && value[before.Length..^after.Length] is var named && Names.IsResource(named)
                ? named
                : null;
        }

        // Values of directories have equals signs of their own (cn=acme,ou=…); a tenant's name has none.
        var equals = entry.LastIndexOf('=');
        return string.Equals(entry[..equals], value, StringComparison.Ordinal) ? entry[(equals + 1)..] : null;
    }

    /// <summary>What is wrong with an entry; null: nothing.</summary>
    public static string? Check(string entry)
    {
        var place = entry.IndexOf(Place, StringComparison.Ordinal);
        if (place >= 0)
        {
            return entry.IndexOf(Place, place + 1, StringComparison.Ordinal) >= 0 ? $"has {Place} more than once: '{entry}'"
                : entry.Length == Place.Length ? $"would take every value for a tenant's name; there must be something beside {Place}"
                : null;
        }

        var equals = entry.LastIndexOf('=');
        return equals > 0 && Names.IsResource(entry[(equals + 1)..]) ? null : $"must be VALUE=TENANT, or a pattern such as sluice-{Place}-admins; is '{entry}'";
    }

    /// <summary>The roles that values give, a tenant each: the higher one, where they give both of it.</summary>
    public static IReadOnlyDictionary<string, AdminRole> Of(OidcOptions options, IEnumerable<string> values)
    {
        var roles = new Dictionary<string, AdminRole>(StringComparer.Ordinal);
        foreach (var (tenant, role) in values.SelectMany(value => Of(options, value)))
        {
            if (roles.GetValueOrDefault(tenant, AdminRole.TenantViewer) <= role)
            {
                roles[tenant] = role;
            }
        }

        return roles;
    }

    /// <summary>Whether a value gives one.</summary>
    public static bool IsNamed(OidcOptions options, string value) => Of(options, value).Any();

    private static IEnumerable<(string Tenant, AdminRole Role)> Of(OidcOptions options, string value) =>
        options.TenantAdmins.Select(entry => (Tenant: TenantOf(entry, value), Role: AdminRole.TenantAdmin))
            .Concat(options.TenantViewers.Select(entry => (Tenant: TenantOf(entry, value), Role: AdminRole.TenantViewer)))
            .Where(one => one.Tenant is not null)
            .Select(one => (one.Tenant!, one.Role));
}
