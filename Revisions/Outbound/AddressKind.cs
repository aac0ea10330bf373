namespace Sluice.Revisions.Outbound;

/// <summary>What lies behind an address, as far as its number tells.</summary>
public enum AddressKind
{
    /// <summary>Anybody's, on the internet.</summary>
    Public,

    /// <summary>Of a network of one's own, shared, or set aside for examples and tests.</summary>
    Private,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>This machine's link: 169.254.0.0/16, fe80::/10.</summary>
    LinkLocal,

    /// <summary>Where a cloud hands its credentials to the machine.</summary>
    Metadata,

    /// <summary>No place that can be connected to: unspecified, multicast, broadcast, reserved.</summary>
    Nowhere,
}
