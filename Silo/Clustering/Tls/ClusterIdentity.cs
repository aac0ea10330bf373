using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Silo.Clustering.Tls;

/// <summary>What a process of a cluster may be.</summary>
public enum ClusterRole
{
    /// <summary>Holds state: may connect to silo ports and gateway ports.</summary>
    Silo,

    /// <summary>Serves clients: may connect to gateway ports only.</summary>
    Edge,
}

/// <summary>
/// Who a certificate's holder is: the one URI in its subject alternative names, <c>spiffe://cluster/silo</c> or <c>spiffe://cluster/edge</c>.
/// Host names in it are for people; trust rests on this URI and the cluster's own CA. See docs/security.md.
/// </summary>
public sealed record ClusterIdentity(string Cluster, ClusterRole Role)
{
    private const string Scheme = "spiffe://";
    private const string AlternativeNames = "2.5.29.17";

    // RFC 5280, 4.2.1.6: uniformResourceIdentifier [6] IA5String.
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Whether a cluster of this name can stand in a certificate: letters, digits, dot, hyphen and underscore, at most 63.</summary>
    public static bool CanName(string cluster) =>
        cluster.Length is > 0 and <= 63 && cluster.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>The identity of a certificate; null where it has none, more than one URI, or a URI of another form.</summary>
    public static ClusterIdentity? Read(X509Certificate2 certificate)
    {
        try
        {
            var uris = certificate.Extensions.Where(e => e.Oid?.Value is AlternativeNames).SelectMany(e => Uris(e.RawData)).ToArray();
            return uris is [var only] ? Parse(only) : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>The URI as it stands in certificates.</summary>
    public override string ToString() => $"{Scheme}{Cluster}/{(Role is ClusterRole.Silo ? "silo" : "edge")}";

    private static ClusterIdentity? Parse(string uri)
    {
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal) || uri[Scheme.Length..].Split('/') is not [var cluster, var role] || !CanName(cluster))
        {
            return null;
        }

        return role switch
        {
            "silo" => new ClusterIdentity(cluster, ClusterRole.Silo),
            "edge" => new ClusterIdentity(cluster, ClusterRole.Edge),
            _ => null,
        };
    }

    private static List<string> Uris(byte[] extension)
    {
        var uris = new List<string>();
        var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(UriTag))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return uris;
    }
}
