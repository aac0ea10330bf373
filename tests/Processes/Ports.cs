using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Processes;

/// <summary>Ports for processes that must be told one before they start.</summary>
public static class Ports
{
    // Below the ports that systems give to outgoing connections: one of those may take a port between this look and the process's start.
    private const int First = 16_000;
    private const int Count = 16_000;

    // Processes that test at the same time begin at different ones.
    private static int _given = Environment.ProcessId * 131;

    /// <summary>A loopback port that is free now, another at each call.</summary>
    public static int Free()
    {
        for (var i = 0; i < Count; i++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _given) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new InvalidOperationException($"None of the ports from {First} to {First + Count - 1} is free.");
    }
}
