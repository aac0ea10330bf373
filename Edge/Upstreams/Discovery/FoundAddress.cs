using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>An address of an upstream.</summary>
/// <param name="Address">Absolute, <c>http</c> or <c>https</c>.</param>
/// <param name="Weight">1 to 65,535, in proportion to others'.</param>
/// <param name="Host">What requests to it say in <c>Host</c>; null: the address's own.</param>
internal sealed record FoundAddress(Uri Address, int Weight, string? Host);

/// <summary>All addresses of an upstream at a time; another one stands for another set.</summary>
/// <param name="All">In no order of interest; none twice.</param>
internal sealed record FoundAddresses(ImmutableArray<FoundAddress> All)
{
    /// <summary>None.</summary>
    public static FoundAddresses None { get; } = new(ImmutableArray<FoundAddress>.Empty);

    /// <summary>Those that an upstream declares.</summary>
    public static FoundAddresses Declared(UpstreamResource upstream) =>
        new([.. upstream.Addresses.Select((address, i) => new FoundAddress(address, upstream.Weights.IsEmpty ? 1 : upstream.Weights[i], null))]);
}
