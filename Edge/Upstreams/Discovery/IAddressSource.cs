using System.Collections.Immutable;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>Looks for an upstream's addresses.</summary>
internal interface IAddressSource
{
    /// <summary>Tells all addresses each time that it has looked, till it is cancelled.</summary>
    /// <param name="found">Takes them; those that went are not among them any more.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiscoveryException">Nothing is known of them now: those that were told last stay, and it is asked again after a while. So do others that it throws.</exception>
    Task RunAsync(Action<ImmutableArray<FoundAddress>> found, CancellationToken cancellation);
}

/// <summary>Addresses cannot be told now.</summary>
/// <param name="message">Why, for the operator.</param>
internal sealed class DiscoveryException(string message) : Exception(message);
