using System.Net;
using System.Net.Sockets;

namespace Sluice.Revisions.Outbound;

/// <summary>
/// Opens connections to hosts that somebody typed. What is looked at is the very address that is then connected to, so that a name which is resolved anew, and otherwise,
/// gains nothing by it.
/// </summary>
/// <param name="guard">What is refused.</param>
/// <param name="resolve">The addresses of a name; the system's resolver by default.</param>
/// <param name="refused">Hears of each refusal before it is thrown.</param>
public sealed class GuardedConnector(AddressGuard guard, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null, Action<AddressRefusedException>? refused = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>Connects to the first address of a host that answers, of those that are not refused.</summary>
    /// <param name="host">A name, or an address with or without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="isPlain">Whether what is sent goes without TLS.</param>
    /// <param name="cancellation">Bounds the wait.</param>
    /// <exception cref="AddressRefusedException">No address of it may be connected to.</exception>
    /// <exception cref="SocketException">It is not known, or does not answer.</exception>
    public async ValueTask<Socket> ConnectAsync(string host, int port, bool isPlain, CancellationToken cancellation)
    {
        var addresses = await ResolveAsync(host, port, isPlain, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The same, for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation) => new NetworkStream(
        await ConnectAsync(
            context.DnsEndPoint.Host,
            context.DnsEndPoint.Port,
            context.InitialRequestMessage.RequestUri?.Scheme is "http" or "ws",
            cancellation),
        ownsSocket: true);

    private async ValueTask<IPAddress[]> ResolveAsync(string host, int port, bool isPlain, CancellationToken cancellation)
    {
        if (AddressGuard.RefusalOf(host) is { } refusal)
        {
            throw Refused(host, port, refusal);
        }

        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
        {
            return guard.RefusalOf(literal, port, isPlain) is { } reason ? throw Refused(host, port, reason) : [literal];
        }

        var all = await _resolve(host, cancellation);
        if (all.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var allowed = Array.FindAll(all, address => guard.RefusalOf(address, port, isPlain) is null);
        return allowed.Length > 0 ? allowed : throw Refused(host, port, $"it is at {all[0]}, and {guard.RefusalOf(all[0], port, isPlain)}");
    }

    private AddressRefusedException Refused(string host, int port, string reason)
    {
        var refusal = new AddressRefusedException(host, port, reason);
        refused?.Invoke(refusal);
        return refusal;
    }
}
