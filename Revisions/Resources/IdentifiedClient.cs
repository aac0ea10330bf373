using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>Whom certificates of clients stand for, as a key would.</summary>
/// <param name="By">By what of a certificate it is known.</param>
/// <param name="Name">What that must be: of <see cref="ClientName.Uri"/> the begin of it before a last <c>*</c>; of <see cref="ClientName.Dns"/> lower case, with <c>*</c> for a first label; of
/// <see cref="ClientName.Fingerprint"/> lower-case hex; empty with <see cref="ClientName.Any"/>.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="User">The user; null: as the certificate names him.</param>
/// <param name="Team">The team; null: none.</param>
/// <param name="Models">Models that may be used, each a name or a prefix ending in <c>*</c>; empty: all.</param>
/// <param name="Scopes">What may be done on routes that ask for scopes.</param>
public sealed record IdentifiedClient(ClientName By, string Name, string Tenant, string? User, string? Team, ImmutableArray<string> Models, ImmutableArray<string> Scopes)
{
    /// <summary>Whether another says the same; lists compare by what is in them.</summary>
    public bool Says(IdentifiedClient other) =>
        this with { Models = other.Models, Scopes = other.Scopes } == other && Models.AsSpan().SequenceEqual(other.Models.AsSpan()) && Scopes.AsSpan().SequenceEqual(other.Scopes.AsSpan());
}

/// <summary>By what of a certificate its bearer is known.</summary>
public enum ClientName
{
    /// <summary>By who issued it.</summary>
    Any,

    /// <summary>A URI among its names.</summary>
    Uri,

    /// <summary>A DNS name among its names.</summary>
    Dns,

    /// <summary>Its whole subject.</summary>
    Subject,

    /// <summary>Its SHA-256.</summary>
    Fingerprint,
}
