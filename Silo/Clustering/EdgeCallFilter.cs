using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Silo.Clustering.Origin;

namespace Sluice.Silo.Clustering;

/// <summary>
/// Refuses calls of edges to all interfaces but those marked <see cref="EdgeCallableAttribute"/> and the few of Orleans that every client needs.
/// What is called is the method that will run, not what the caller says about it. Who calls is the message's sender: a client's id for edges, a grain's or
/// this process's own client's for silos. That the sender is true is <see cref="GatewayGuard"/>'s to see to. See docs/security.md.
/// </summary>
internal sealed class EdgeCallFilter(ILogger<EdgeCallFilter> log) : IIncomingGrainCallFilter
{
    // A client learns which grains there are, and subscribes to the stream of changes.
    private static readonly string[] OfOrleans = ["Orleans.Runtime.IClusterManifestSystemTarget", "Orleans.Streams.IPubSubRendezvousGrain"];

    private readonly ConcurrentDictionary<Type, bool> _isCallable = new();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.SourceId is { } source && !ClientRules.IsOutside(source))
        {
            return context.Invoke();
        }

        var called = context.InterfaceMethod.DeclaringType!;
        if (_isCallable.GetOrAdd(called, IsCallable))
        {
            return context.Invoke();
        }

        log.LogWarning("{Caller} was refused {Interface}.{Method}: edges may not call it", context.SourceId, called.Name, context.InterfaceMethod.Name);
        throw new UnauthorizedAccessException(
            $"An edge may not call {called.Name}.{context.InterfaceMethod.Name}: edges may call the interfaces marked {nameof(EdgeCallableAttribute)} only.");
    }

    private static bool IsCallable(Type called) =>
        called.IsDefined(typeof(EdgeCallableAttribute), inherit: false) || OfOrleans.Contains(called.FullName, StringComparer.Ordinal);
}
