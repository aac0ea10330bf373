using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.IdentityModel.JsonWebTokens;
using Sluice.Edge.Configuration;
using Sluice.Edge.Pipeline;
using Sluice.Revisions;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Tokens;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>
/// Whom a token (JWT) of a declared issuer stands for. It is checked once, by what RFC 8725 asks for; from then on its digest is known until it ends, its issuer is declared
/// otherwise, or the issuer's keys change. Its tenant is looked at with each use, as with keys.
/// </summary>
internal sealed class BearerTokens(KeyCache keys, Issuers issuers, TimeProvider time)
{
    private const int MostKnown = 100_000;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = KeyDigest.Longest };
    private readonly ConcurrentDictionary<KeyDigest, VerifiedToken> _known = new();
    private readonly Lock _gate = new();
    private readonly SecondChance<VerifiedToken> _order = new(MostKnown);

    /// <summary>The bearer, or why there is none.</summary>
    /// <exception cref="SiloUnreachableException">No silo told of the tenant in time.</exception>
    public ValueTask<Identified> IdentifyAsync(EdgeRevision revision, in KeyDigest digest, ReadOnlyMemory<char> token, CancellationToken cancellation)
    {
        if (_known.TryGetValue(digest, out var known) && known.Bearer.EndsAt + TokenCheck.ClockSkew > time.GetUtcNow()
            && revision.Plan.Issuers.TryGetValue(known.Issuer.Url, out var declared) && known.IsBy(declared, issuers.Of(declared).Current))
        {
            known.IsUsed = true;
            var tenant = keys.IdentifyTenantAsync(known.Bearer.Tenant, cancellation);
            return tenant.IsCompletedSuccessfully ? ValueTask.FromResult(Judge(known, tenant.Result)) : WaitAsync(known, tenant);
        }

        return CheckAsync(revision, digest, token.ToString(), cancellation);
    }

    private static async ValueTask<Identified> WaitAsync(VerifiedToken token, ValueTask<Caller?> tenant) => Judge(token, await tenant);

    private static Identified Judge(VerifiedToken token, Caller? tenant) => tenant is not null ? new Identified(token.CallerOf(tenant), null) : Refuse("its tenant is not known here, or suspended");

    private async ValueTask<Identified> CheckAsync(EdgeRevision revision, KeyDigest digest, string text, CancellationToken cancellation)
    {
        if (!TokenCheck.TryRead(text, out var token) || !revision.Plan.Issuers.TryGetValue(token.Issuer, out var issuer))
        {
            return Refuse("it is of no issuer that is declared here");
        }

        var known = issuers.Of(issuer);
        var isNew = known.Current is { } before && token.Kid is { Length: > 0 } kid && !before.Any(key => string.Equals(key.KeyId, kid, StringComparison.Ordinal));
        if (known.Current is null || isNew)
        {
            await known.AskAsync(CancellationToken.None).WaitAsync(cancellation);
        }

        if (known.Current is not { } current)
        {
            return new Identified(null, new ClientError(503, "The token could not be checked at this moment: its issuer's keys are not known; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(5)));
        }

        var checks = TokenCheck.Parameters(issuer.Url, issuer.Audiences, issuer.Algorithms, time);
        checks.IssuerSigningKeys = current;
        var result = await _handler.ValidateTokenAsync(token, checks);
        if (!result.IsValid)
        {
            return Refuse(TokenCheck.ReasonOf(result.Exception));
        }

        var (bearer, wrong) = Read(issuer, token);
        if (bearer is null)
        {
            return Refuse(wrong);
        }

        var verified = new VerifiedToken(digest, issuer, current, bearer);
        Keep(verified);
        return Judge(verified, await keys.IdentifyTenantAsync(bearer.Tenant, cancellation));
    }

    private static (TokenBearer? Bearer, string Wrong) Read(IssuerResource issuer, JsonWebToken token)
    {
        var claims = issuer.Claims;
        if ((issuer.Tenant ?? TextOf(token, claims.Tenant!)) is not { } tenant || !Names.IsResource(tenant))
        {
            return (null, $"its claim '{claims.Tenant}' names no tenant");
        }

        if (TextOf(token, claims.User) is not { Length: > 0 } claimed || TokenNames.User(claimed) is not { } user)
        {
            return (null, $"its claim '{claims.User}' names no user, or a longer one than is taken");
        }

        var team = claims.Team is { } teamClaim && TextOf(token, teamClaim) is { Length: > 0 } named ? TokenNames.User(named) : null;
        var models = claims.Models is { } modelsClaim ? TextsOf(token, modelsClaim) : [];
        return claims.Models is not null && models.IsEmpty
            ? (null, $"its claim '{claims.Models}' names no model")
            : (new TokenBearer(tenant, user, team, models, TextsOf(token, claims.Scopes), new DateTimeOffset(token.ValidTo, TimeSpan.Zero)), "");
    }

    private static string? TextOf(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var text) ? text : null;

    // A list, or one text with spaces between, which reads as a list of one.
    private static ImmutableArray<string> TextsOf(JsonWebToken token, string claim) => token.TryGetPayloadValue<string[]>(claim, out var list) && list is not null
        ? [.. list.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))]
        : [];

    private void Keep(VerifiedToken token)
    {
        lock (_gate)
        {
            if (_order.Add(token, kept => _known.TryGetValue(kept.Digest, out var current) && ReferenceEquals(current, kept)) is { } evicted)
            {
                _known.TryRemove(evicted.Digest, out _);
            }

            _known[token.Digest] = token;
        }
    }

    private static Identified Refuse(string why) => new(null, new ClientError(401, $"The token was not taken: {why}.", "invalid_token"));
}
