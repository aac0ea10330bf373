using System.Globalization;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Tokens;

namespace Sluice.Silo.Oidc;

/// <summary>By which identity provider operators sign in (OpenID Connect), and who of them may do what; section <c>Sluice:Oidc</c>, docs/sign-in.md.</summary>
public sealed record OidcOptions
{
    /// <summary>In the list of viewers: everybody whom the provider lets in.</summary>
    public const string Everybody = "*";

    private const int MostToldTenants = 5;
    private const string OpenId = "openid";
    private static readonly TimeSpan ShortestSession = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestSession = TimeSpan.FromHours(24);

    /// <summary>What the provider's tokens say in <c>iss</c>, exactly; below it is its configuration. Null: admin keys alone let in.</summary>
    public string? Issuer { get; init; }

    /// <summary>As what the console is known to the provider; null: there is no sign-in to the console, only <see cref="Audiences"/>.</summary>
    public string? ClientId { get; init; }

    /// <summary>The console's secret with the provider; null: it is a public client, and PKCE alone binds the code to it.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What is asked of the provider, with spaces between; holds <c>openid</c>.</summary>
    public string Scopes { get; init; } = "openid profile email";

    /// <summary>What tokens name in <c>aud</c> that the admin API takes in a key's place; empty: it takes none.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>With which tokens may be signed, of <see cref="TokenCheck.KnownAlgorithms"/>; empty: <see cref="TokenCheck.UsualAlgorithms"/>.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = [];

    /// <summary>The claim by which roles are given: a list, or a text. Where no claim has this name, dots lead into objects: <c>realm_access.roles</c>.</summary>
    public string RoleClaim { get; init; } = "groups";

    /// <summary>Values of <see cref="RoleClaim"/> that make somebody an admin.</summary>
    public IReadOnlyList<string> Admins { get; init; } = [];

    /// <summary>Values that make somebody an operator.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>Values that make somebody a viewer; <see cref="Everybody"/>: whoever signs in.</summary>
    public IReadOnlyList<string> Viewers { get; init; } = [];

    /// <summary>What makes somebody an administrator of one tenant, as <see cref="TenantGrants"/> reads it: <c>VALUE=TENANT</c>, or a pattern with <c>{tenant}</c>.</summary>
    public IReadOnlyList<string> TenantAdmins { get; init; } = [];

    /// <summary>What makes somebody a viewer of one tenant, likewise.</summary>
    public IReadOnlyList<string> TenantViewers { get; init; } = [];

    /// <summary>Values that let somebody who is an admin, operator or viewer read bodies of calls, which no role includes.</summary>
    public IReadOnlyList<string> BodyReaders { get; init; } = [];

    /// <summary>The claim by which somebody is named in the history; where it is missing, or is an address that the provider has not verified, <c>sub</c> is taken.</summary>
    public string NameClaim { get; init; } = "email";

    /// <summary>True: claims are also asked for at the provider's address of them, where its tokens do not hold all.</summary>
    public bool UserInfo { get; init; }

    /// <summary>After what time somebody signs in again, whatever was done meanwhile, 5 min to 24 h: what the provider takes away from them is known by then.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(8);

    /// <summary>How browsers reach the admin port, such as <c>https://sluice.example.com</c>, where a proxy stands before it; null: as each request says.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Whether the console lets in by the provider.</summary>
    internal bool SignsIn => Issuer is not null && ClientId is not null;

    /// <summary>Whether the admin API takes the provider's tokens.</summary>
    internal bool TakesTokens => Issuer is not null && Audiences.Count > 0;

    /// <summary>With which tokens may be signed.</summary>
    internal IReadOnlyList<string> TakenAlgorithms => Algorithms.Count > 0 ? Algorithms : TokenCheck.UsualAlgorithms;

    /// <summary>The highest role that values of <see cref="RoleClaim"/> give, and of a tenant's role the tenant; null: none. One of a tenant goes before what everybody has.</summary>
    /// <param name="values">As claimed.</param>
    /// <param name="wrong">Why there is none.</param>
    internal (AdminRole Role, string? Tenant)? RoleOf(IReadOnlyCollection<string> values, out string wrong)
    {
        wrong = "";
        if (Named(Admins) || Named(Operators) || Named(Viewers))
        {
            return (Named(Admins) ? AdminRole.Admin : Named(Operators) ? AdminRole.Operator : AdminRole.Viewer, null);
        }

        var tenants = TenantGrants.Of(this, values);
        if (tenants.Count == 1)
        {
            return (tenants.Values.Single(), tenants.Keys.Single());
        }

        if (tenants.Count == 0 && Viewers.Contains(Everybody, StringComparer.Ordinal))
        {
            return (AdminRole.Viewer, null);
        }

        wrong = tenants.Count == 0
            ? $"has no role here: none of the values of '{RoleClaim}' is one that the settings name"
            : $"has roles of several tenants ({string.Join(", ", tenants.Keys.Order(StringComparer.Ordinal).Take(MostToldTenants))}), and can be let in for one alone: an admin key of each is the way";
        return null;

        bool Named(IReadOnlyList<string> known) => values.Any(v => known.Contains(v, StringComparer.Ordinal));
    }

    /// <summary>Names the provider, and no secret.</summary>
    public override string ToString() => Issuer ?? "none";

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        if (Issuer is null)
        {
            return ClientId is null && Audiences.Count == 0 ? [] : ["Oidc:Issuer is missing: ClientId or Audiences are there"];
        }

        var errors = new List<string>();
        if (!IsPlace(Issuer, out var issuer) || issuer.Query.Length > 0 || issuer.Fragment.Length > 0)
        {
            errors.Add($"Oidc:Issuer must be the address that the provider's tokens name in 'iss', such as https://login.example.com, and begin with https:// (http:// on this machine alone); is '{Issuer}'");
        }

        if (ClientId is null && Audiences.Count == 0)
        {
            errors.Add("Oidc:ClientId (for the console) or Oidc:Audiences (for tokens at the admin API) must be there: nobody could come in by the provider");
        }

        if (ClientSecret is not null && ClientId is null)
        {
            errors.Add("Oidc:ClientId is missing: ClientSecret is there");
        }

        if (Audiences.Any(string.IsNullOrWhiteSpace))
        {
            errors.Add("Oidc:Audiences has an empty entry");
        }

        if (!Scopes.Split(' ').Contains(OpenId, StringComparer.Ordinal))
        {
            errors.Add($"Oidc:Scopes must hold '{OpenId}', is '{Scopes}'");
        }

        errors.AddRange(Algorithms.Where(a => !TokenCheck.KnownAlgorithms.Contains(a, StringComparer.Ordinal))
            .Select(a => $"Oidc:Algorithms must be of {string.Join(", ", TokenCheck.KnownAlgorithms)}; one is '{a}'"));
        errors.AddRange(CheckRoles());
        if (Session < ShortestSession || Session > LongestSession)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"Oidc:Session must be {ShortestSession.TotalMinutes}m to {LongestSession.TotalHours}h, is {Session:c}"));
        }

        if (PublicUrl is not null && (!Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.AbsolutePath is not "/" || url.Query.Length > 0 || url.UserInfo.Length > 0))
        {
            errors.Add($"Oidc:PublicUrl must be scheme and host such as https://sluice.example.com, without a path; is '{PublicUrl}'");
        }

        return errors;
    }

    private IEnumerable<string> CheckRoles()
    {
        if (Admins.Count + Operators.Count + Viewers.Count + TenantAdmins.Count + TenantViewers.Count == 0)
        {
            yield return "Oidc:Admins, Oidc:Operators, Oidc:Viewers, Oidc:TenantAdmins or Oidc:TenantViewers must name a value of the claim that Oidc:RoleClaim names: nobody would have a role";
        }

        if (Admins.Concat(Operators).Concat(BodyReaders).Contains(Everybody, StringComparer.Ordinal))
        {
            yield return $"Oidc:Viewers alone may have '{Everybody}', for everybody whom the provider lets in";
        }

        if (Admins.Concat(Operators).Concat(Viewers).Concat(BodyReaders).Any(string.IsNullOrWhiteSpace))
        {
            yield return "Oidc:Admins, Oidc:Operators, Oidc:Viewers and Oidc:BodyReaders must have no empty entry";
        }

        foreach (var (name, entries) in new[] { (nameof(TenantAdmins), TenantAdmins), (nameof(TenantViewers), TenantViewers) })
        {
            foreach (var fault in entries.Select(TenantGrants.Check).OfType<string>())
            {
                yield return $"Oidc:{name} {fault}";
            }
        }

        if (string.IsNullOrWhiteSpace(RoleClaim) || string.IsNullOrWhiteSpace(NameClaim))
        {
            yield return "Oidc:RoleClaim and Oidc:NameClaim must not be empty";
        }
    }

    /// <summary>Whether an address is one to which tokens and codes may be sent: TLS, or this machine.</summary>
    internal static bool IsPlace(string? text, out Uri address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address!) && address.UserInfo.Length == 0
        && (address.Scheme is "https" || (address.Scheme is "http" && address.IsLoopback));
}
