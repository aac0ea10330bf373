using Sluice.Revisions.Outbound;

namespace Sluice.Grains.Acme;

/// <summary>How authorities are called, section <c>Sluice:Acme</c>.</summary>
public sealed record AcmeOptions
{
    /// <summary>Ranges of addresses that authorities may have besides those of the internet, and without TLS, such as <c>10.20.0.0/16</c>, or one address and port, <c>10.0.0.7:9000</c>; separated by commas; null: none.</summary>
    public string? OpenRanges { get; set; }

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate() => AddressGuard.Check($"Acme:{nameof(OpenRanges)}", OpenRanges);
}
