using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Processes;

/// <summary>Ports for processes that must be told one before they start.</summary>
public static class Ports
{
    /// <summary>A loopback port that is free now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
