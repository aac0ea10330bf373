using System.Globalization;
using System.Net;
using Sluice.Cli.Hosting;
using Sluice.Edge.Tls;
using Sluice.Silo;

namespace Sluice.Cli.Doctor;

/// <summary>What this machine has to give: the storage, room on the disk, ports.</summary>
internal static class MachineChecks
{
    private const long Little = 1L << 30;
    private const long TooLittle = 100L << 20;

    /// <summary>Whether the storage can be read and written, and goes by the same clock.</summary>
    public static async Task<IReadOnlyList<Finding>> StorageAsync(SiloOptions silo, TimeProvider time, CancellationToken cancellation)
    {
        const string Check = "storage";
        try
        {
            var found = await StorageProbe.RunAsync(silo, time, cancellation);
            var says = Finding.Ok(Check, found.IsThere ? $"{found.Place} can be read and written" : $"{found.Place} is not there yet: the first start makes it");
            return found.ClockAhead is { } ahead ? [says, Clocks.Judge("the storage", ahead, "this machine")] : [says];
        }
        catch (SiloStartException e)
        {
            return [Finding.Error(Check, e.Message, silo.Storage?.StartsWith("azure", StringComparison.Ordinal) is true ? "look at SLUICE__STORAGE, the account's firewall, and what the key or identity may do" : "see 'When the disk fails' in docs/operations.md")];
        }
    }

    /// <summary>Whether the data folder can be written, and how much room it has.</summary>
    public static Finding Disk(string data)
    {
        const string Check = "disk";
        var folder = Path.GetFullPath(data);
        while (!Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        try
        {
            var probe = Path.Combine(folder, $".sluice-doctor-{Guid.NewGuid():n}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Error(Check, $"{folder} cannot be written: {e.Message}", "let the user of the process write there, or name another folder with --data");
        }

        return JudgeRoom(folder, new DriveInfo(folder).AvailableFreeSpace);
    }

    /// <summary>Judges how much room is left.</summary>
    public static Finding JudgeRoom(string folder, long free)
    {
        const string Check = "disk";
        var says = string.Create(CultureInfo.InvariantCulture, $"{folder} has {free / (double)(1L << 30):0.0} GiB of room");
        return free < TooLittle ? Finding.Error(Check, says, "make room: when it is full, changes are refused with 507")
            : free < Little ? Finding.Warn(Check, says, "make room: when it is full, changes are refused with 507")
            : Finding.Ok(Check, says);
    }

    /// <summary>Whether HTTP/3 is asked for, and whether this machine has what it needs.</summary>
    /// <param name="isAsked">Whether an edge of the settings serves it.</param>
    /// <param name="missing">Why this machine has no QUIC; null: it has.</param>
    public static Finding Http3(bool isAsked, string? missing)
    {
        const string Check = "http3";
        return (isAsked, missing) switch
        {
            (true, null) => Finding.Ok(Check, "on, and this machine has QUIC for it"),
            (true, _) => Finding.Error(Check, $"on, but {missing}", $"an edge does not start so: {QuicRuntime.Remedy}"),
            (false, null) => Finding.Ok(Check, "off; this machine has QUIC for it"),
            _ => Finding.Ok(Check, $"off; it would not start here: {missing}"),
        };
    }

    /// <summary>Whether the ports of the settings are a running process' or free.</summary>
    public static async Task<IReadOnlyList<Finding>> PortsAsync(HostSettings settings, CancellationToken cancellation)
    {
        var (silo, edge) = (settings.Silo, settings.Edge);
        var cluster = IPAddress.Parse(silo.ListenSilo);
        var admin = IPAddress.Parse(silo.ListenAdmin);
        return
        [
            await JudgeAsync(
                "silo",
                Reached(silo.AdminCertificate is null ? "http" : "https", admin, silo.Admin),
                new WantedPort(admin, silo.Admin, "admin API", "--admin"),
                new WantedPort(cluster, silo.SiloPort, "silo to silo", "--silo-port"),
                new WantedPort(cluster, silo.GatewayPort, "edge to silo", "--gateway-port")),
            await JudgeAsync(
                "edge",
                Reached("http", IPAddress.Parse(edge.ListenOps), edge.Ops),
                new WantedPort(IPAddress.Parse(edge.Listen), edge.Http, "clients", "--http"),
                new WantedPort(IPAddress.Parse(edge.ListenOps), edge.Ops, "health", "--ops")),
        ];

        async Task<Finding> JudgeAsync(string process, Uri health, params WantedPort[] wanted)
        {
            const string Check = "ports";
            var its = $"the ports of {(process is "edge" ? "an" : "a")} {process} are";
            if (await HealthCommand.IsLiveAsync(health, cancellation))
            {
                return Finding.Ok(Check, $"{its} those of the one that runs here and answers at {health.Authority}");
            }

            try
            {
                Ports.Check(wanted);
                return Finding.Ok(Check, $"{its} free: {string.Join(", ", wanted.Select(p => p.Number.ToString(CultureInfo.InvariantCulture)))}");
            }
            catch (SiloStartException e)
            {
                return Finding.Warn(Check, $"no {process} answers at {health.Authority}, and one could not start: {e.Message}", "harmless where this machine runs none; else do as it says");
            }
        }
    }

    private static Uri Reached(string scheme, IPAddress listen, int port)
    {
        var address = listen.Equals(IPAddress.Any) ? IPAddress.Loopback : listen.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listen;
        return new UriBuilder(scheme, address.ToString(), port).Uri;
    }
}
