using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Sluice.Revisions.Outbound;

/// <summary>
/// Which addresses Sluice connects to where somebody typed the name (docs/security.md, "Addresses that are called"). Public ones always; those of one's own networks by the
/// operator's choice; the link's, the clouds' metadata and the cluster's own ports only where the operator's settings name just them; multicast and the like never.
/// </summary>
public sealed class AddressGuard
{
    private static readonly string[] MetadataNames = ["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

    private readonly bool _allowsPrivate;
    private readonly bool _allowsPlain;
    private readonly ImmutableArray<OpenPlace> _open;
    private readonly OwnPorts _own;

    private AddressGuard(bool allowsPrivate, bool allowsPlain, ImmutableArray<OpenPlace> open, OwnPorts? own) =>
        (_allowsPrivate, _allowsPlain, _open, _own) = (allowsPrivate, allowsPlain, open, own ?? new OwnPorts());

    /// <summary>A guard of upstreams and providers, which only administrators declare.</summary>
    /// <param name="allowsPrivate">Whether loopback and private networks are reached too.</param>
    /// <param name="openRanges">What is reached besides; valid as by <see cref="Check"/>.</param>
    /// <param name="own">The cluster's own ports; null: none is known.</param>
    public static AddressGuard ForUpstreams(bool allowsPrivate, string? openRanges, OwnPorts? own = null) => new(allowsPrivate, allowsPlain: true, Parse(openRanges), own);

    /// <summary>A guard of webhooks: TLS on the internet; besides, and without TLS, what the operator opened.</summary>
    /// <param name="openRanges">What is reached besides; valid as by <see cref="Check"/>.</param>
    /// <param name="own">The cluster's own ports; null: none is known.</param>
    public static AddressGuard ForWebhooks(string? openRanges, OwnPorts? own = null) => new(allowsPrivate: false, allowsPlain: false, Parse(openRanges), own);

    /// <summary>What is wrong with a list of ranges and places, separated by commas; empty where all is right.</summary>
    public static IEnumerable<string> Check(string setting, string? ranges) => Split(ranges)
        .Where(range => !OpenPlace.TryParse(range, out _))
        .Select(range => $"{setting} must be ranges such as 10.0.0.0/8 or fd00::/8, or an address and its port such as 127.0.0.1:8000, separated by commas; '{range}' is none");

    /// <summary>Why a host is not asked for, whatever its addresses; null: it may be.</summary>
    public static string? RefusalOf(string host) => MetadataNames.Contains(host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase) ? "it is where a cloud keeps its metadata" : null;

    /// <summary>Why an address is not connected to; null: it may be.</summary>
    /// <param name="address">Any, as resolved.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="isPlain">Whether what is sent there goes without TLS.</param>
    public string? RefusalOf(IPAddress address, int port, bool isPlain)
    {
        var plain = AddressKinds.Unmapped(address);
        var kind = AddressKinds.Of(plain);
        var own = _own.NameOf(plain, port);
        var isOpen = _open.Any(place => place.Opens(plain, port, kind, own is not null));
        return kind switch
        {
            _ when isOpen => null,
            _ when own is not null => string.Create(CultureInfo.InvariantCulture, $"at port {port} is {own} of this cluster, and the settings do not open that address with its port"),
            AddressKind.Public => isPlain && !_allowsPlain ? "https is needed, but for ranges that the settings open" : null,
            AddressKind.Private or AddressKind.Loopback when _allowsPrivate => null,
            AddressKind.Private => "it is private, and no range that the settings open",
            AddressKind.Loopback => "it is this machine itself, and no range that the settings open",
            AddressKind.LinkLocal => "it is link-local",
            AddressKind.Metadata => "it is where a cloud keeps its metadata",
            _ => "it is no place that can be connected to",
        };
    }

    private static ImmutableArray<OpenPlace> Parse(string? ranges) => [.. Split(ranges).Select(range => OpenPlace.TryParse(range, out var place) ? place : throw new FormatException($"'{range}' is no range."))];

    private static string[] Split(string? ranges) => ranges?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
