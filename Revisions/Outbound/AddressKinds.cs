using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Revisions.Outbound;

/// <summary>
/// Tells what lies behind addresses: the registries of special addresses (RFC 6890 and its successors), and where the clouds keep their metadata. An IPv4 address
/// that an IPv6 address carries, mapped or for a translator or tunnel, counts as itself.
/// </summary>
public static class AddressKinds
{
    private const int V4Bits = 32;

    private static readonly (IPNetwork Range, AddressKind Kind)[] V4 =
    [
        .. Ranges(AddressKind.Metadata, "169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
        .. Ranges(AddressKind.LinkLocal, "169.254.0.0/16"),
        .. Ranges(AddressKind.Loopback, "127.0.0.0/8"),
        .. Ranges(AddressKind.Nowhere, "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4"),
        .. Ranges(
            AddressKind.Private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    ];

    private static readonly (IPNetwork Range, AddressKind Kind)[] V6 =
    [
        .. Ranges(AddressKind.Metadata, "fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128"),
        .. Ranges(AddressKind.LinkLocal, "fe80::/10"),
        .. Ranges(AddressKind.Loopback, "::1/128"),
        .. Ranges(AddressKind.Nowhere, "::/128", "ff00::/8"),
        .. Ranges(AddressKind.Private, "fc00::/7", "fec0::/10", "100::/64", "2001:db8::/32", "64:ff9b:1::/48"),
    ];

    // Where an IPv4 address stands in what carries it, in bytes; Teredo writes it inverted.
    private static readonly (IPNetwork Range, int At, bool IsInverted)[] Carriers =
    [
        (IPNetwork.Parse("::/96"), 12, false),
        (IPNetwork.Parse("::ffff:0:0:0/96"), 12, false),
        (IPNetwork.Parse("64:ff9b::/96"), 12, false),
        (IPNetwork.Parse("2002::/16"), 2, false),
        (IPNetwork.Parse("2001::/32"), 12, true),
    ];

    /// <summary>What lies behind an address; of which interface it is, in an address with a zone, changes nothing.</summary>
    public static AddressKind Of(IPAddress address)
    {
        var plain = Unmapped(address);
        if (plain.AddressFamily is AddressFamily.InterNetwork)
        {
            return Find(V4, plain);
        }

        return Find(V6, plain) is not AddressKind.Public and var kind ? kind : Carried(plain) is { } inner ? Find(V4, inner) : AddressKind.Public;
    }

    /// <summary>The IPv4 address of one that is mapped, and no address has a zone.</summary>
    public static IPAddress Unmapped(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;

    private static AddressKind Find((IPNetwork Range, AddressKind Kind)[] table, IPAddress address)
    {
        foreach (var (range, kind) in table)
        {
            if (range.Contains(address))
            {
                return kind;
            }
        }

        return AddressKind.Public;
    }

    private static IPAddress? Carried(IPAddress address)
    {
        foreach (var (range, at, isInverted) in Carriers)
        {
            if (range.Contains(address))
            {
                var number = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes().AsSpan(at, V4Bits / 8));
                var bytes = new byte[V4Bits / 8];
                BinaryPrimitives.WriteUInt32BigEndian(bytes, isInverted ? ~number : number);
                return new IPAddress(bytes);
            }
        }

        return null;
    }

    private static IEnumerable<(IPNetwork Range, AddressKind Kind)> Ranges(AddressKind kind, params string[] ranges) => ranges.Select(r => (IPNetwork.Parse(r), kind));
}
