namespace Sluice.Silo.Clustering.Tls;

/// <summary>The files of mutual TLS between the processes of a cluster, PEM, as <c>sluice pki</c> makes them. All three or none.</summary>
public sealed record TlsFiles
{
    /// <summary>The cluster's CA; two certificates while one replaces the other.</summary>
    public string? Ca { get; init; }

    /// <summary>This process's certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>The private key of <see cref="Certificate"/>.</summary>
    public string? Key { get; init; }

    /// <summary>True where no file is named.</summary>
    public bool IsEmpty => Ca is null && Certificate is null && Key is null;

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        if (IsEmpty)
        {
            yield break;
        }

        foreach (var (name, path) in new[] { (nameof(Ca), Ca), (nameof(Certificate), Certificate), (nameof(Key), Key) })
        {
            if (string.IsNullOrWhiteSpace(path))
            {
                yield return $"Tls:{name} is missing: mutual TLS wants Ca, Certificate and Key";
            }
            else if (!File.Exists(path))
            {
                yield return $"Tls:{name} names no file: '{path}'";
            }
        }
    }
}
