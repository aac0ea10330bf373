using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Sluice.Silo.Clustering.Tls;

/// <summary>A certificate with its key, and the roots by which peers are judged.</summary>
public sealed record Credentials(X509Certificate2 Certificate, X509Certificate2Collection Roots);

/// <summary>
/// The certificate files of this process, read again when one of them has changed, so that the next connection uses the new ones; those that are open
/// live on. Files that do not fit together, as in the midst of a copy, are told once and the old ones stay.
/// </summary>
public sealed class CertificateFiles
{
    private readonly Lock _gate = new();
    private readonly TlsFiles _files;
    private readonly string _cluster;
    private readonly ClusterRole _role;
    private ILogger? _log;

    // Both change together, under the gate.
    private Credentials _current;
    private string _stamp;

    /// <summary>Reads the files.</summary>
    /// <param name="files">Complete: <see cref="TlsFiles.Validate"/> found nothing.</param>
    /// <param name="role">What this process is: its own certificate must say so.</param>
    /// <exception cref="SiloStartException">Names the file that cannot be read, or why the certificate is not one of this process.</exception>
    public CertificateFiles(TlsFiles files, string cluster, ClusterRole role)
    {
        (_files, _cluster, _role) = (files, cluster, role);
        _stamp = Stamp();
        _current = Load();
    }

    /// <summary>Where a change of the files is told; set by the host before the first connection.</summary>
    public void LogTo(ILogger log) => _log = log;

    /// <summary>The credentials of a new connection.</summary>
    public Credentials Current
    {
        get
        {
            lock (_gate)
            {
                var stamp = Stamp();
                if (!string.Equals(stamp, _stamp, StringComparison.Ordinal))
                {
                    _stamp = stamp;
                    Replace();
                }

                return _current;
            }
        }
    }

    private void Replace()
    {
        try
        {
            _current = Load();
            _log?.LogInformation("The cluster certificate was read again: valid until {NotAfter:u}", _current.Certificate.NotAfter.ToUniversalTime());
        }
        catch (SiloStartException e)
        {
            _log?.LogWarning("The cluster certificate has changed and is not used, the old one stays: {Reason}", e.Message);
        }
    }

    private Credentials Load()
    {
        var roots = new X509Certificate2Collection();
        X509Certificate2 certificate;
        try
        {
            roots.ImportFromPemFile(_files.Ca!);
            certificate = X509Certificate2.CreateFromPemFile(_files.Certificate!, _files.Key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SiloStartException($"TLS of the cluster: {_files.Ca}, {_files.Certificate} and {_files.Key} cannot be used: {e.Message}", e);
        }

        return PeerCheck.Refuse(certificate, roots, _cluster, _role) is { } why
            ? throw new SiloStartException($"TLS of the cluster: {_files.Certificate} cannot be this {_role.ToString().ToLowerInvariant()}'s: {why}")
            : new Credentials(certificate, roots);
    }

    private string Stamp() => string.Join('|', new[] { _files.Ca!, _files.Certificate!, _files.Key! }
        .Select(f => new FileInfo(f)).Select(f => FormattableString.Invariant($"{(f.Exists ? f.Length : -1)} {f.LastWriteTimeUtc.Ticks}")));
}
