using System.Net;
using System.Net.Sockets;

namespace Sluice.Revisions.Outbound;

/// <summary>What an operator's settings open besides: a range of addresses, or one address at one port.</summary>
/// <param name="Range">Which addresses.</param>
/// <param name="Port">At which port; null: at each, but for the cluster's own.</param>
internal readonly record struct OpenPlace(IPNetwork Range, int? Port)
{
    /// <summary>Reads one; false where it is none.</summary>
    public static bool TryParse(string text, out OpenPlace place)
    {
        if (IPNetwork.TryParse(text, out var range))
        {
            place = new OpenPlace(range, null);
            return true;
        }

        var isPlace = IPEndPoint.TryParse(text, out var end) && end.Port is not 0;
        place = isPlace ? new OpenPlace(Single(AddressKinds.Unmapped(end!.Address)), end.Port) : default;
        return isPlace;
    }

    /// <summary>Whether it opens an address at a port.</summary>
    /// <param name="address">Without a zone, and not mapped.</param>
    /// <param name="port">The port that is connected to.</param>
    /// <param name="kind">What lies behind the address.</param>
    /// <param name="isOwn">Whether it is a port of the cluster's own.</param>
    public bool Opens(IPAddress address, int port, AddressKind kind, bool isOwn) => Range.Contains(address) && (Port is null ? !isOwn : Port == port) && Means(kind);

    // A wide range says nothing of what lies within it by chance: who means the link writes its range, who means metadata the one address.
    private bool Means(AddressKind kind) => kind switch
    {
        AddressKind.Nowhere => false,
        AddressKind.Metadata => Range.PrefixLength == Bits(Range.BaseAddress),
        AddressKind.LinkLocal => AddressKinds.Of(Range.BaseAddress) is AddressKind.LinkLocal && Range.PrefixLength >= (Range.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? 16 : 10),
        _ => true,
    };

    private static IPNetwork Single(IPAddress address) => new(address, Bits(address));

    private static int Bits(IPAddress address) => address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
}
