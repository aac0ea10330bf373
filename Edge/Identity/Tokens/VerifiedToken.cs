using System.Collections.Immutable;
using Microsoft.IdentityModel.Tokens;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>A token that was found good, by its digest alone: the token itself is not kept.</summary>
internal sealed class VerifiedToken(KeyDigest digest, IssuerResource issuer, IReadOnlyList<SecurityKey> keys, TokenBearer bearer) : IUsed
{
    private readonly StandingBearer _standing = new(issuer.Name, bearer);

    public KeyDigest Digest => digest;

    public IssuerResource Issuer => issuer;

    public TokenBearer Bearer => bearer;

    public bool IsUsed { get; set; }

    /// <summary>Whether it was checked by what the issuer declares and has now.</summary>
    public bool IsBy(IssuerResource declared, IReadOnlyList<SecurityKey>? current) => ReferenceEquals(issuer, declared) && ReferenceEquals(keys, current);

    /// <summary>Whom it stands for, the tenant being as it is known now.</summary>
    public Caller CallerOf(Caller tenant) => _standing.CallerOf(tenant);
}

/// <summary>What a token, or a client's certificate, says of its bearer.</summary>
/// <param name="Models">Those that he may use; empty: all.</param>
internal sealed record TokenBearer(string Tenant, string User, string? Team, ImmutableArray<string> Models, ImmutableArray<string> Scopes, DateTimeOffset EndsAt);
