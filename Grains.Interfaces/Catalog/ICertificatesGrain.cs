using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Acme;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>Tells of the certificates that a workspace declares what everybody may see of them; its key is the workspace's name.</summary>
[Alias("sluice.certificates")]
public interface ICertificatesGrain : IGrainWithStringKey
{
    /// <summary>Those of the active revision, by name.</summary>
    [Alias("get")]
    Task<ImmutableArray<CertificateStatus>> GetAsync();
}

/// <summary>A certificate as clients see it.</summary>
/// <param name="Name">Of the resource.</param>
/// <param name="Hosts">Whom it serves; empty where it cannot be read.</param>
/// <param name="Begins">The begin of its time; null where it cannot be read.</param>
/// <param name="Ends">The end of its time; null where it cannot be read.</param>
/// <param name="Fingerprint">SHA-256 of the server's certificate, lower-case hex; null where it cannot be read.</param>
/// <param name="Warning">What is to be done about it; null: nothing.</param>
/// <param name="Order">How it is obtained; null: somebody writes its secrets.</param>
[GenerateSerializer, Immutable, Alias("sluice.certificate-status")]
public sealed record CertificateStatus(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<string> Hosts,
    [property: Id(2)] DateTimeOffset? Begins,
    [property: Id(3)] DateTimeOffset? Ends,
    [property: Id(4)] string? Fingerprint,
    [property: Id(5)] string? Warning,
    [property: Id(6)] CertificateOrderStatus? Order = null);
