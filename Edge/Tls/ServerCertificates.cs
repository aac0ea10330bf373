using System.Collections.Immutable;
using System.Security.Cryptography;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tls;

/// <summary>The certificates of one revision by host. Immutable, made before the revision is activated; one that did not change is the very same as before.</summary>
public sealed class ServerCertificates
{
    private readonly ServerNames<ServerCertificate> _names;

    private ServerCertificates(ImmutableArray<ServerCertificate> all, ServerNames<ServerCertificate> names) =>
        (All, _names, AsksClients, IdentifiesClients) = (all, names, all.Any(c => c.Clients is not null), all.Any(c => c.Clients is { Identities.IsEmpty: false }));

    /// <summary>None.</summary>
    public static ServerCertificates None { get; } = new([], ServerNames<ServerCertificate>.Build([], []));

    /// <summary>All of them, by name.</summary>
    public ImmutableArray<ServerCertificate> All { get; }

    /// <summary>Whether any asks clients for certificates of their own.</summary>
    public bool AsksClients { get; }

    /// <summary>Whether for any the certificate of a client may stand in a key's place.</summary>
    public bool IdentifiesClients { get; }

    /// <summary>The one for a host, or for those who name none; null: there is none.</summary>
    public ServerCertificate? Find(ReadOnlySpan<char> host) => _names.Find(host);

    /// <summary>Makes those of a revision.</summary>
    /// <param name="declared">As it declares them.</param>
    /// <param name="secrets">Opened.</param>
    /// <param name="before">Those that run: of them is kept what did not change.</param>
    /// <param name="errors">What is wrong is added here, and what is wrong is left out.</param>
    public static ServerCertificates Build(
        ImmutableArray<CertificateResource> declared, ImmutableDictionary<string, OpenedSecret> secrets, ServerCertificates before, ICollection<FieldError> errors)
    {
        if (declared.IsEmpty)
        {
            return None;
        }

        var all = ImmutableArray.CreateBuilder<ServerCertificate>(declared.Length);
        foreach (var resource in declared)
        {
            if (Make(resource, secrets, before, errors) is { } certificate)
            {
                all.Add(certificate);
            }
        }

        var made = all.ToImmutable();
        return new ServerCertificates(made, ServerNames<ServerCertificate>.Build(made.Select(c => (c.Resource, c.Hosts.ToImmutableArray(), c)), errors));
    }

    private static ServerCertificate? Make(CertificateResource resource, ImmutableDictionary<string, OpenedSecret> secrets, ServerCertificates before, ICollection<FieldError> errors)
    {
        var version = CertificateMaterial.VersionOf(resource, name => secrets.GetValueOrDefault(name)?.Value);
        if (version is not null
            && before.All.FirstOrDefault(c => string.Equals(c.Version, version, StringComparison.Ordinal) && c.Resource.Says(resource)) is { } known)
        {
            return known;
        }

        var (material, wrong) = CertificateMaterial.Read(resource, name => secrets.GetValueOrDefault(name)?.Value);
        foreach (var error in wrong)
        {
            errors.Add(error);
        }

        try
        {
            return material is null ? null : new ServerCertificate(material);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            errors.Add(new FieldError($"{resource.Kind}/{resource.Name}: chain", $"this edge's TLS library does not take it: {e.GetType().Name}"));
            return null;
        }
    }
}
