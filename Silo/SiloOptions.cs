using System.Globalization;
using System.Net;
using Sluice.Grains.Acme;
using Sluice.Grains.Alerts;
using Sluice.Grains.CallLog;
using Sluice.Grains.Catalog;
using Sluice.Grains.Metrics;
using Sluice.Grains.Usage;
using Sluice.Grains.Webhooks;
using Sluice.Silo.Clustering;
using Sluice.Silo.Clustering.Tls;
using Sluice.Silo.Oidc;
using Sluice.Silo.Sources;

namespace Sluice.Silo;

/// <summary>Settings of a silo, section <c>Sluice</c> of the configuration; validated at start, all errors at once.</summary>
public sealed record SiloOptions
{
    /// <summary>Silo to silo; 0 takes a free one. Default 11111.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>Edge to silo; 0 takes a free one. Default 30000.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>The address on which the silo and gateway ports listen. Default: loopback. Any other wants <see cref="Tls"/>.</summary>
    public string ListenSilo { get; init; } = "127.0.0.1";

    /// <summary>The address at which others reach this silo; null: <see cref="ListenSilo"/>.</summary>
    public string? Advertise { get; init; }

    /// <summary>The port at which others reach <see cref="SiloPort"/>, where it is mapped to another, 1 to 65535; null: the same.</summary>
    public int? AdvertiseSiloPort { get; init; }

    /// <summary>The port at which others reach <see cref="GatewayPort"/>, where it is mapped to another, 1 to 65535; null: the same.</summary>
    public int? AdvertiseGatewayPort { get; init; }

    /// <summary>Of an edge: the gateways of silos, <c>address:port</c> separated by commas; null: <see cref="GatewayPort"/> on this machine.</summary>
    public string? Gateways { get; init; }

    /// <summary>The files of mutual TLS between processes of the cluster.</summary>
    public TlsFiles Tls { get; init; } = new();

    /// <summary>True: the cluster's ports go without TLS off loopback, on a network where every machine is trusted.</summary>
    public bool InsecureCluster { get; init; }

    /// <summary>The admin API's certificate and its chain, a PEM file; null: HTTP, on loopback only.</summary>
    public string? AdminCertificate { get; init; }

    /// <summary>The private key of <see cref="AdminCertificate"/>, a PEM file.</summary>
    public string? AdminKey { get; init; }

    /// <summary>True: the admin API may use HTTP off loopback, behind a proxy that speaks TLS.</summary>
    public bool InsecureAdmin { get; init; }

    /// <summary>The admin API's port; 0 takes a free one. Default 7070.</summary>
    public int Admin { get; init; } = 7070;

    /// <summary>The address on which the admin API listens. Default: loopback.</summary>
    public string ListenAdmin { get; init; } = "127.0.0.1";

    /// <summary>The folder of everything that is kept. Default <c>./data</c>.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>Silos and edges of one name find each other. Default <c>sluice</c>.</summary>
    public string ClusterName { get; init; } = "sluice";

    /// <summary>
    /// <c>sqlite:</c> and the path of a file; <c>azure:</c> (or <c>azure-blobs:</c>, Orleans' own provider) and a connection string or an address; null:
    /// <c>sluice.db</c> in the folder <see cref="Data"/>.
    /// </summary>
    public string? Storage { get; init; }

    /// <summary>How silos find each other: <c>local</c>, through the database file of their data folder, on one machine; <c>azure</c>, in a table of the account that <see cref="Storage"/> names.</summary>
    public string Cluster { get; init; } = LocalCluster.Setting;

    /// <summary>The root key under which secrets are sealed, 32 bytes in base64; null: it is in <see cref="RootKeyFile"/>.</summary>
    public string? RootKey { get; init; }

    /// <summary>The file of the root key, made at a first start; null: <c>root.key</c> in the folder <see cref="Data"/>.</summary>
    public string? RootKeyFile { get; init; }

    /// <summary>The folders and Git checkouts that are watched. Every silo that can read one names it; one of them looks.</summary>
    public IReadOnlyList<SourceOptions> Sources { get; init; } = [];

    /// <summary>Which old revisions keep their resources.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>For how long usage is kept.</summary>
    public UsageOptions Usage { get; init; } = new();

    /// <summary>How the call log is kept and searched.</summary>
    public CallLogOptions CallLog { get; init; } = new();

    /// <summary>How webhooks are called.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>How the authorities of certificates are called.</summary>
    public AcmeOptions Acme { get; init; } = new();

    /// <summary>By which server mail goes out.</summary>
    public MailOptions Mail { get; init; } = new();

    /// <summary>By which identity provider operators sign in.</summary>
    public OidcOptions Oidc { get; init; } = new();

    /// <summary>What metrics tell by opt-in.</summary>
    public MetricOptions Metrics { get; init; } = new();

    /// <summary>How alerts are evaluated.</summary>
    public AlertOptions Alerts { get; init; } = new();

    /// <summary>The absolute path of the root key's file.</summary>
    internal string RootKeyPath => Path.GetFullPath(RootKeyFile ?? Path.Combine(Data, "root.key"));

    /// <summary>Names the silo without its root key.</summary>
    public override string ToString() => $"{ClusterName} in {Data}";

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        CheckPort(errors, nameof(SiloPort), SiloPort);
        CheckPort(errors, nameof(GatewayPort), GatewayPort);
        CheckPort(errors, nameof(Admin), Admin);
        if (new[] { SiloPort, GatewayPort, Admin }.Where(p => p != 0).GroupBy(p => p).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"SiloPort, GatewayPort and Admin must differ: {twice.Key} is there twice"));
        }

        errors.AddRange(AdminListener.Check(this));
        errors.AddRange(ClusterBoundary.CheckSilo(this));
        errors.AddRange(ClusterBoundary.CheckEdge(this));
        errors.AddRange(Tls.Validate());
        errors.AddRange(Retention.Validate());
        errors.AddRange(Usage.Validate());
        errors.AddRange(CallLog.Validate());
        errors.AddRange(Metrics.Validate());
        errors.AddRange(Webhooks.Validate());
        errors.AddRange(Acme.Validate());
        errors.AddRange(Alerts.Validate());
        errors.AddRange(Mail.Validate());
        errors.AddRange(Oidc.Validate());
        errors.AddRange(Sources.SelectMany((source, i) => source.Validate().Select(e => string.Create(CultureInfo.InvariantCulture, $"Sources:{i}:{e}"))));
        if (Sources.GroupBy(s => s.Owner, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } same)
        {
            errors.Add($"Sources: {same.Key} is there twice");
        }

        if (string.IsNullOrWhiteSpace(Data))
        {
            errors.Add("Data must be the path of a folder");
        }

        if (string.IsNullOrWhiteSpace(ClusterName))
        {
            errors.Add("ClusterName must not be empty");
        }
        else if (!Tls.IsEmpty && !ClusterIdentity.CanName(ClusterName))
        {
            errors.Add($"ClusterName stands in certificates: letters, digits, dots, hyphens and underscores, at most 63; is '{ClusterName}'");
        }

        var storage = StorageLocation.Parse(Storage, Data);
        if (storage.Error is { } wrong)
        {
            errors.Add(wrong);
        }

        if (Cluster is not (LocalCluster.Setting or AzureCluster.Setting))
        {
            errors.Add($"Cluster must be 'local' or 'azure', is '{Cluster}'");
        }
        else if (Cluster is AzureCluster.Setting && storage is { Azure: null, Error: null })
        {
            errors.Add("Cluster 'azure' needs an account: set Storage to 'azure:' and its connection string");
        }

        return errors;
    }

    private static void CheckPort(List<string> errors, string name, int port)
    {
        if (port is < 0 or > IPEndPoint.MaxPort)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be 0 to {IPEndPoint.MaxPort}, is {port}"));
        }
    }
}
