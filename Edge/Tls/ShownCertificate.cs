using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Tls;

/// <summary>
/// What upstreams are told of the certificate that a client has shown, in the form of Envoy's <c>X-Forwarded-Client-Cert</c>. Told only where the host that is asked for asks for such
/// certificates, and the connection's handshake has checked it by the same policy.
/// </summary>
internal static class ShownCertificate
{
    private const int MostNames = 32;
    private const int MostLength = 4 * 1024;
    private const string AlternativeNames = "2.5.29.17";
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriName = new(TagClass.ContextSpecific, 6);

    /// <summary>The header's value; null: the client has shown none that counts here.</summary>
    /// <param name="http">The request.</param>
    /// <param name="certificates">Of the revision that it runs under.</param>
    public static string? Of(HttpContext http, ServerCertificates certificates)
    {
        if (Asked(http, certificates) is not var (handshake, _))
        {
            return null;
        }

        // The same for all requests of the connection; empty: it has shown none.
        var told = handshake.ShownText ??= http.Connection.ClientCertificate is { } shown ? Tell(shown) : "";
        return told.Length == 0 ? null : told;
    }

    /// <summary>The connection's handshake, and what asks for certificates of clients for the host that a request names; null: nothing does, or the connection was not asked the same.</summary>
    public static (Handshake Handshake, ServerCertificate Wanted)? Asked(HttpContext http, ServerCertificates certificates)
    {
        if (http.Features.Get<Handshake>() is not { Certificate: { Clients: not null } answered } handshake)
        {
            return null;
        }

        var host = http.Request.Host.Value;
        return certificates.Find(string.IsNullOrEmpty(host) ? "" : HostNames.WithoutPort(host)) is { Clients: not null } wanted && answered.AsksTheSame(wanted) ? (handshake, wanted) : null;
    }

    /// <summary>Hash, subject, URIs and DNS names of a certificate, in ASCII without line ends whatever is in it.</summary>
    public static string Tell(X509Certificate2 certificate)
    {
        var text = new StringBuilder("Hash=").Append(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());
        text.Append(";Subject=\"");
        foreach (var b in Encoding.UTF8.GetBytes(certificate.SubjectName.Name))
        {
            // Hexadecimal pairs as in RFC 4514, section 2.4.
            _ = b switch
            {
                (byte)'"' or (byte)'\\' => text.Append('\\').Append((char)b),
                >= 0x20 and < 0x7F => text.Append((char)b),
                _ => text.Append('\\').Append(b.ToString("X2", CultureInfo.InvariantCulture)),
            };
        }

        text.Append('"');
        foreach (var (kind, name) in NamesOf(certificate).Where(static n => IsPlain(n.Name)).OrderByDescending(static n => n.Kind, StringComparer.Ordinal).Take(MostNames))
        {
            if (text.Length + name.Length > MostLength)
            {
                break;
            }

            text.Append(';').Append(kind).Append('=').Append(name);
        }

        return text.ToString();
    }

    // What could be taken for another field is left out.
    private static bool IsPlain(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.AsSpan().ContainsAny(";,\"\\=");

    /// <summary>The DNS names and URIs of a certificate, as <c>DNS</c> and <c>URI</c>; none where they cannot be read.</summary>
    public static List<(string Kind, string Name)> NamesOf(X509Certificate2 certificate)
    {
        var names = new List<(string, string)>();
        if (certificate.Extensions[AlternativeNames] is not { } extension)
        {
            return names;
        }

        try
        {
            var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (reader.HasData)
            {
                var tag = reader.PeekTag();
                if (tag.HasSameClassAndValue(DnsName) || tag.HasSameClassAndValue(UriName))
                {
                    names.Add((tag.TagValue == DnsName.TagValue ? "DNS" : "URI", reader.ReadCharacterString(UniversalTagNumber.IA5String, tag)));
                }
                else
                {
                    reader.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            // What cannot be read is not told.
            names.Clear();
        }

        return names;
    }
}
