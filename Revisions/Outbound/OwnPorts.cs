using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;

namespace Sluice.Revisions.Outbound;

/// <summary>
/// Where this cluster's own processes listen for each other and for operators, as far as this one knows. Nothing that somebody declared is connected to there: what asks
/// from this machine is trusted by such ports, and what was declared may not borrow that. Ports are added while a process starts, at any time.
/// </summary>
public sealed class OwnPorts
{
    private ImmutableArray<OwnPort> _all = [];

    /// <summary>Adds one.</summary>
    /// <param name="name">For people: <c>the admin API</c>.</param>
    /// <param name="place">Where it listens or is reached; with the unspecified address on each of this machine. Port 0 is of no one, and adds nothing.</param>
    public void Add(string name, IPEndPoint place)
    {
        if (place.Port is not 0)
        {
            ImmutableInterlocked.Update(ref _all, static (all, port) => all.Add(port), new OwnPort(name, AddressKinds.Unmapped(place.Address), place.Port));
        }
    }

    /// <summary>What of the cluster is reached there; null: nothing that is known.</summary>
    public string? NameOf(IPAddress address, int port)
    {
        var plain = AddressKinds.Unmapped(address);
        foreach (var own in _all)
        {
            if (own.Port == port && (own.Address.Equals(plain) || (IsUnspecified(own.Address) && IsThisMachine(plain))))
            {
                return own.Name;
            }
        }

        return null;
    }

    private static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // Asked for each time, since machines get addresses and lose them; but only for connections to a port of that number.
    private static bool IsThisMachine(IPAddress address) => AddressKinds.Of(address) is AddressKind.Loopback || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Any(local => AddressKinds.Unmapped(local.Address).Equals(address));

    private sealed record OwnPort(string Name, IPAddress Address, int Port);
}
