using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;

namespace Sluice.Silo.Clustering;

/// <summary>
/// Refuses calls of edges to all interfaces but those marked <see cref="EdgeCallableAttribute"/> and the few of Orleans that every client needs.
/// What is called is the method that will run, not what the caller says about it. Who calls is the message's sender: a client's id for edges, a grain's or
/// this process's own client's for silos. The gateway does not check that id against the connection, so this keeps an edge to its part, not an attacker
/// who holds an edge's certificate and speaks the protocol himself. See docs/security.md.
/// </summary>
internal sealed class EdgeCallFilter(ILogger<EdgeCallFilter> log) : IIncomingGrainCallFilter
{
    // Orleans keeps these names to itself; both are internal types.
    private const string ClientType = "sys.client";
    private const string HostedClient = "hosted-";

    // A client learns which grains there are, and subscribes to the stream of changes.
    private static readonly string[] OfOrleans = ["Orleans.Runtime.IClusterManifestSystemTarget", "Orleans.Streams.IPubSubRendezvousGrain"];

    private readonly ConcurrentDictionary<Type, bool> _isCallable = new();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.SourceId is { } source && IsSilo(source))
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

    private static bool IsSilo(GrainId source) =>
        !source.Type.ToString()!.StartsWith(ClientType, StringComparison.Ordinal) || source.Key.ToString()!.StartsWith(HostedClient, StringComparison.Ordinal);

    private static bool IsCallable(Type called) =>
        called.IsDefined(typeof(EdgeCallableAttribute), inherit: false) || OfOrleans.Contains(called.FullName, StringComparer.Ordinal);
}
