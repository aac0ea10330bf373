using System.Text.Json;
using Sluice.Silo.Admin;

namespace Sluice.Silo.Oidc;

/// <summary>For whom the identity provider vouches. What they may do is worked out anew for each call, by the settings of the silo that is asked.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">Who it is, for good: the claim <c>sub</c>.</param>
/// <param name="Name">For people: how the history names them.</param>
/// <param name="Grants">Of the values that were claimed those that the settings name.</param>
internal sealed record Vouched(string Issuer, string Subject, string Name, IReadOnlyList<string> Grants)
{
    /// <summary>Before the names of all whom a provider vouches for; admin keys have no such names.</summary>
    public const string Prefix = "oidc:";

    private const int LongestName = 200;
    private const int LongestSubject = 255;
    private const int MostValues = 1_000;
    private const string Email = "email";

    /// <summary>As a caller of the admin API; null where the settings give no role, or name another provider.</summary>
    public Operator? As(OidcOptions options) => string.Equals(Issuer, options.Issuer, StringComparison.Ordinal) && options.RoleOf(Grants, out _) is var (role, tenant)
        ? new Operator(Prefix + Subject, Prefix + Name, role, Tenant: tenant) { ReadsBodies = tenant is null && Grants.Any(grant => options.BodyReaders.Contains(grant, StringComparer.Ordinal)) }
        : null;

    /// <summary>Reads the claims of a token whose signature, issuer, audience and time were checked.</summary>
    /// <returns>Who it is; or why nobody is let in by it, for whoever signs in.</returns>
    public static (Vouched? Who, string Wrong) Read(OidcOptions options, JsonElement claims)
    {
        if (TextOf(claims, "sub") is not { Length: > 0 and <= LongestSubject } subject || !IsPrintable(subject))
        {
            return (null, "it has no claim 'sub' of 1 to 255 letters");
        }

        var named = TextOf(claims, options.NameClaim);
        var name = named is { Length: > 0 and <= LongestName } && IsPrintable(named) && IsBelieved(options.NameClaim, claims) ? named : subject;
        var grants = IsBelieved(options.RoleClaim, claims) ? ValuesOf(claims, options.RoleClaim).Where(value => IsNamed(options, value)).Distinct(StringComparer.Ordinal).ToList() : [];
        return options.RoleOf(grants, out var wrong) is null
            ? (null, $"{name} {wrong}")
            : (new Vouched(options.Issuer!, subject, name, grants), "");
    }

    // Whoever may write an address of somebody else into their profile would be them.
    private static bool IsBelieved(string claim, JsonElement claims) =>
        claim is not Email || (claims.TryGetProperty("email_verified", out var verified) && (verified.ValueKind is JsonValueKind.True || (verified.ValueKind is JsonValueKind.String && verified.GetString() is "true")));

    private static bool IsNamed(OidcOptions options, string value) =>
        value is not OidcOptions.Everybody && (options.Admins.Concat(options.Operators).Concat(options.Viewers).Concat(options.BodyReaders).Contains(value, StringComparer.Ordinal) || TenantGrants.IsNamed(options, value));

    private static string? TextOf(JsonElement claims, string name) => Find(claims, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static IEnumerable<string> ValuesOf(JsonElement claims, string name) => Find(claims, name) switch
    {
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Take(MostValues).Where(v => v.ValueKind is JsonValueKind.String).Select(v => v.GetString()!),

        // Only scopes are written with spaces between; in a group's name a space is a space.
        { ValueKind: JsonValueKind.String } text when name is "scope" or "scp" => text.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        _ => [],
    };

    private static JsonElement? Find(JsonElement claims, string name)
    {
        if (claims.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (claims.TryGetProperty(name, out var found))
        {
            return found;
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && claims.TryGetProperty(name[..dot], out var inner) ? Find(inner, name[(dot + 1)..]) : null;
    }

    private static bool IsPrintable(string text) => !text.Any(c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
}
