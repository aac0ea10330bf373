using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge.Upstreams;

/// <summary>Tells the operator of hosts that are not connected to: each, at each port, once a minute, however many requests want it.</summary>
internal sealed class RefusedAddresses(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Host, int Port), long> _told = new();

    public void Tell(AddressRefusedException refusal)
    {
        // Hosts and ports are those of declared resources, so there are not many.
        var place = (refusal.Host, refusal.Port);
        var now = time.GetTimestamp();
        var isNew = _told.TryAdd(place, now);
        if (isNew || (_told.TryGetValue(place, out var last) && time.GetElapsedTime(last, now) >= Every && _told.TryUpdate(place, now, last)))
        {
            log.LogWarning("An upstream or provider is refused: {Reason}", refusal.Message);
        }
    }
}
