using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Identity.Tokens;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tls;

/// <summary>
/// Whom a request is for by the certificate that its client has shown, where it has neither key nor token. That counts which is declared in the request's own revision for the host that it names,
/// and only over a connection on which the same was asked. The tenant is looked at with each use, as with tokens.
/// </summary>
internal sealed class ClientIdentities(KeyCache keys, TimeProvider time)
{
    private const string CommonName = "2.5.4.3";
    private static readonly Identified Ended = new(null, new ClientError(401, "The client certificate has ended; open a connection with one that is in its time.", "invalid_certificate"));
    private static readonly Identified Unknown = new(null, new ClientError(401, "The client certificate stands for no tenant that is known here, or for one that is suspended.", "invalid_certificate"));

    /// <summary>The bearer, or why there is none; null: the client has shown no certificate that stands for anybody.</summary>
    /// <exception cref="SiloUnreachableException">No silo told of the tenant in time.</exception>
    public ValueTask<Identified>? Identify(HttpContext http, EdgeRevision revision)
    {
        if (ShownCertificate.Asked(http, revision.Certificates) is not var (handshake, wanted) || wanted.Clients!.Identities.IsEmpty || http.Connection.ClientCertificate is not { } shown)
        {
            return null;
        }

        // The same for all requests of the connection, as long as the declaration is.
        if (handshake.Bearer is not { } known || !ReferenceEquals(known.Of, wanted))
        {
            handshake.Bearer = known = new ShownBearer(wanted, Find(wanted.Resource, shown));
        }

        if (known.Bearer is not { } bearer)
        {
            return null;
        }

        if (bearer.Bearer.EndsAt <= time.GetUtcNow())
        {
            return ValueTask.FromResult(Ended);
        }

        var tenant = keys.IdentifyTenantAsync(bearer.Bearer.Tenant, http.RequestAborted);
        return tenant.IsCompletedSuccessfully ? ValueTask.FromResult(Judge(bearer, tenant.Result)) : WaitAsync(bearer, tenant);
    }

    /// <summary>Whom a certificate stands for by the first of the declared identities that fits; null: nobody.</summary>
    internal static StandingBearer? Find(CertificateResource declared, X509Certificate2 shown)
    {
        var names = ShownCertificate.NamesOf(shown);
        var fingerprint = shown.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        foreach (var identity in declared.Clients!.Identities)
        {
            var found = identity.By switch
            {
                ClientName.Any => NameOf(shown, fingerprint),
                ClientName.Subject => string.Equals(shown.SubjectName.Name, identity.Name, StringComparison.Ordinal) ? NameOf(shown, fingerprint) : null,
                ClientName.Fingerprint => string.Equals(fingerprint, identity.Name, StringComparison.Ordinal) ? NameOf(shown, fingerprint) : null,
                ClientName.Uri => names.FirstOrDefault(n => n.Kind is "URI" && FitsUri(identity.Name, n.Name)).Name,
                _ => names.FirstOrDefault(n => n.Kind is "DNS" && CertificateChain.Covers(identity.Name, n.Name.ToLowerInvariant())).Name?.ToLowerInvariant(),
            };
            if (found is not null && (identity.User ?? TokenNames.User(found)) is { } user)
            {
                // No issuer of tokens has a ~ in its name: what stands in a key's place is nobody else's.
                return new StandingBearer($"tls~{declared.Name}", new TokenBearer(identity.Tenant, user, identity.Team, identity.Models, identity.Scopes, new DateTimeOffset(shown.NotAfter)));
            }
        }

        return null;
    }

    private static bool FitsUri(string wanted, string name) => wanted.EndsWith('*') ? name.AsSpan().StartsWith(wanted.AsSpan(..^1), StringComparison.Ordinal) : string.Equals(wanted, name, StringComparison.Ordinal);

    // The common name alone: what else a subject has is of many.
    private static string NameOf(X509Certificate2 shown, string fingerprint) => shown.SubjectName.EnumerateRelativeDistinguishedNames()
        .FirstOrDefault(part => part is { HasMultipleElements: false } && part.GetSingleElementType().Value is CommonName)?.GetSingleElementValue() is { Length: > 0 } name ? name : fingerprint;

    private static async ValueTask<Identified> WaitAsync(StandingBearer bearer, ValueTask<Caller?> tenant) => Judge(bearer, await tenant);

    private static Identified Judge(StandingBearer bearer, Caller? tenant) => tenant is null ? Unknown : new Identified(bearer.CallerOf(tenant), null);
}

/// <summary>Whom the certificate of a connection stands for under one declaration. Replaced whole, never changed.</summary>
/// <param name="Of">The declaration.</param>
/// <param name="Bearer">Null: nobody.</param>
internal sealed record ShownBearer(ServerCertificate Of, StandingBearer? Bearer);
