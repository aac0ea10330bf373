using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Silo;

/// <summary>A port that a process is about to listen on.</summary>
/// <param name="Number">0: any free one, which is never in use.</param>
/// <param name="Purpose">For people: <c>admin API</c>.</param>
/// <param name="Flag">The flag that chooses another: <c>--admin</c>.</param>
/// <param name="IsUdp">Whether it is one of UDP, and not of TCP.</param>
public readonly record struct WantedPort(IPAddress Address, int Number, string Purpose, string Flag, bool IsUdp = false);

/// <summary>Finds out about ports before anything is started, so that all that are taken are told at once.</summary>
public static class Ports
{
    /// <summary>Refuses to go on where a port is taken.</summary>
    /// <exception cref="SiloStartException">Names each port that is in use and the flag that chooses another.</exception>
    public static void Check(params ReadOnlySpan<WantedPort> ports)
    {
        var taken = new List<string>();
        foreach (var port in ports)
        {
            if (port.Number != 0 && Why(port) is { } why)
            {
                taken.Add(string.Create(CultureInfo.InvariantCulture, $"{(port.IsUdp ? "UDP port" : "port")} {port.Number} ({port.Purpose}) {why}, or choose another with {port.Flag}"));
            }
        }

        if (taken.Count > 0)
        {
            throw new SiloStartException(string.Join("; ", taken));
        }
    }

    /// <summary>A loopback port that is free now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Why(WantedPort port)
    {
        try
        {
            if (port.IsUdp)
            {
                using var socket = new Socket(port.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(port.Address, port.Number));
                return null;
            }

            using var listener = new TcpListener(port.Address, port.Number);
            listener.Start();
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return "is in use: stop the process that holds it";
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied)
        {
            return "may not be used by this user";
        }
        catch (SocketException e)
        {
            return $"cannot be listened on at {port.Address} ({e.SocketErrorCode})";
        }
    }
}
