namespace Sluice.Edge.Identity.Tokens;

/// <summary>Whom somebody else than Sluice vouched for, and the caller that he is while his tenant is known as it is.</summary>
/// <param name="source">The issuer's, or the certificate's, name.</param>
/// <param name="bearer">As he was vouched for.</param>
internal sealed class StandingBearer(string source, TokenBearer bearer)
{
    private Standing? _standing;

    public TokenBearer Bearer => bearer;

    /// <summary>Whom he stands for, the tenant being as it is known now.</summary>
    public Caller CallerOf(Caller tenant)
    {
        if (Volatile.Read(ref _standing) is { } known && ReferenceEquals(known.Tenant, tenant))
        {
            return known.Caller;
        }

        var caller = new Caller(tenant.Identity with
        {
            KeyId = TokenNames.Key(source, bearer.User), User = bearer.User, Team = bearer.Team, Models = bearer.Models, Scopes = bearer.Scopes, ExpiresAt = bearer.EndsAt,
        });
        if (!tenant.Identity.IsEnding)
        {
            Volatile.Write(ref _standing, new Standing(tenant, caller));
        }

        return caller;
    }

    /// <summary>Replaced whole, never changed.</summary>
    private sealed record Standing(Caller Tenant, Caller Caller);
}
