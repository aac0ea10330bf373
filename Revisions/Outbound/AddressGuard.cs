using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Revisions.Outbound;

/// <summary>
/// Which addresses Sluice connects to where somebody typed the name (docs/security.md, "Addresses that are called"). Public ones always; those of one's own networks by the
/// operator's choice; the link's and the clouds' metadata only where the operator's settings name just them; multicast and the like never.
/// </summary>
public sealed class AddressGuard
{
    private static readonly string[] MetadataNames = ["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

    private readonly bool _allowsPrivate;
    private readonly bool _allowsPlain;
    private readonly ImmutableArray<IPNetwork> _open;

    private AddressGuard(bool allowsPrivate, bool allowsPlain, ImmutableArray<IPNetwork> open) => (_allowsPrivate, _allowsPlain, _open) = (allowsPrivate, allowsPlain, open);

    /// <summary>A guard of upstreams and providers, which only administrators declare.</summary>
    /// <param name="allowsPrivate">Whether loopback and private networks are reached too.</param>
    /// <param name="openRanges">What is reached besides; valid as by <see cref="Check"/>.</param>
    public static AddressGuard ForUpstreams(bool allowsPrivate, string? openRanges) => new(allowsPrivate, allowsPlain: true, Parse(openRanges));

    /// <summary>A guard of webhooks: TLS on the internet; besides, and without TLS, what the operator opened.</summary>
    /// <param name="openRanges">What is reached besides; valid as by <see cref="Check"/>.</param>
    public static AddressGuard ForWebhooks(string? openRanges) => new(allowsPrivate: false, allowsPlain: false, Parse(openRanges));

    /// <summary>What is wrong with a list of ranges, separated by commas; empty where all is right.</summary>
    public static IEnumerable<string> Check(string setting, string? ranges) => Split(ranges)
        .Where(range => !IPNetwork.TryParse(range, out _))
        .Select(range => $"{setting} must be ranges such as 10.0.0.0/8 or fd00::/8, separated by commas; '{range}' is none");

    /// <summary>Why a host is not asked for, whatever its addresses; null: it may be.</summary>
    public static string? RefusalOf(string host) => MetadataNames.Contains(host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase) ? "it is where a cloud keeps its metadata" : null;

    /// <summary>Why an address is not connected to; null: it may be.</summary>
    /// <param name="address">Any, as resolved.</param>
    /// <param name="isPlain">Whether what is sent there goes without TLS.</param>
    public string? RefusalOf(IPAddress address, bool isPlain)
    {
        var plain = AddressKinds.Unmapped(address);
        var kind = AddressKinds.Of(plain);
        var isOpen = _open.Any(range => range.Contains(plain) && Opens(range, kind));
        return kind switch
        {
            _ when isOpen => null,
            AddressKind.Public => isPlain && !_allowsPlain ? "https is needed, but for ranges that the settings open" : null,
            AddressKind.Private or AddressKind.Loopback when _allowsPrivate => null,
            AddressKind.Private => "it is private, and no range that the settings open",
            AddressKind.Loopback => "it is this machine itself, and no range that the settings open",
            AddressKind.LinkLocal => "it is link-local",
            AddressKind.Metadata => "it is where a cloud keeps its metadata",
            _ => "it is no place that can be connected to",
        };
    }

    // A wide range says nothing of what lies within it by chance: who means the link writes its range, who means metadata the one address.
    private static bool Opens(IPNetwork range, AddressKind kind) => kind switch
    {
        AddressKind.Nowhere => false,
        AddressKind.Metadata => range.PrefixLength == (range.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? 32 : 128),
        AddressKind.LinkLocal => AddressKinds.Of(range.BaseAddress) is AddressKind.LinkLocal && range.PrefixLength >= (range.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? 16 : 10),
        _ => true,
    };

    private static ImmutableArray<IPNetwork> Parse(string? ranges) => [.. Split(ranges).Select(IPNetwork.Parse)];

    private static string[] Split(string? ranges) => ranges?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
