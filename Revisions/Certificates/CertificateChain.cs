using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Revisions.Certificates;

/// <summary>Rules of chains and of the names in certificates (RFC 5280, RFC 6125).</summary>
public static class CertificateChain
{
    /// <summary>What is wrong with the order of a chain; null: each certificate was issued by the next.</summary>
    public static string? FindWrong(X509Certificate2Collection chain)
    {
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (!IsIssuedBy(chain[i], chain[i + 1]))
            {
                var right = chain.FirstOrDefault(c => !ReferenceEquals(c, chain[i]) && IsIssuedBy(chain[i], c));
                return FormattableString.Invariant($"certificate number {i + 1} ({chain[i].Subject}) was not issued by number {i + 2} ({chain[i + 1].Subject}); ")
                    + (right is null ? $"the one of its issuer ({chain[i].Issuer}) must follow it" : FormattableString.Invariant($"number {chain.IndexOf(right) + 1} must follow it"));
            }
        }

        return null;
    }

    /// <summary>The DNS names of a certificate, lower case, each once.</summary>
    public static ImmutableArray<string> NamesOf(X509Certificate2 certificate) =>
    [
        .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()).Select(name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Whether a name of a certificate covers a host, both lower case; a <c>*</c> stands for one label, the first.</summary>
    public static bool Covers(string name, string host)
    {
        if (string.Equals(name, host, StringComparison.Ordinal))
        {
            return true;
        }

        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && name.StartsWith("*.", StringComparison.Ordinal) && name.AsSpan(1).SequenceEqual(host.AsSpan(dot));
    }

    /// <summary>Whether it was issued by itself.</summary>
    public static bool IsRoot(X509Certificate2 certificate) => IsIssuedBy(certificate, certificate);

    // By name and, where both say it, by the key; clients look at the signature.
    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData)
        && (certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier is not { } wanted
            || issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is not { } own
            || wanted.Span.SequenceEqual(own.SubjectKeyIdentifierBytes.Span));
}
