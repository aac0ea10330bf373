using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>Gateways of a cluster on this machine, from its membership table. A file that is not there yet has none: the client tries again.</summary>
internal sealed class SqliteGatewayList(
    IOptions<SqliteClusteringOptions> options, IOptions<ClusterOptions> cluster, IOptions<GatewayOptions> gateways) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => gateways.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.Run(Read);

    private IList<Uri> Read()
    {
        var path = Path.GetFullPath(options.Value.Path);
        if (!File.Exists(path))
        {
            return [];
        }

        using var connection = SqliteConnections.Open(path, options.Value.BusyTimeout);
        try
        {
            return [.. new MembershipRows(connection, cluster.Value.ClusterId).Read().Members
                .Select(m => m.Item1)
                .Where(e => e is { Status: SiloStatus.Active, ProxyPort: > 0 })
                .Select(e => SiloAddress.New(e.SiloAddress.Endpoint.Address, e.ProxyPort, e.SiloAddress.Generation).ToGatewayUri())];
        }
        catch (SqliteException e) when (e.SqliteErrorCode == NoSuchTable)
        {
            // A silo is making the file at this moment.
            return [];
        }
    }

    private const int NoSuchTable = 1;
}
