using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge.Upstreams;

/// <summary>Tells the operator of hosts that are not connected to: each once a minute, however many requests want it.</summary>
internal sealed class RefusedAddresses(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, long> _told = new(StringComparer.OrdinalIgnoreCase);

    public void Tell(AddressRefusedException refusal)
    {
        // Hosts are those of declared resources, so there are not many.
        var now = time.GetTimestamp();
        var isNew = _told.TryAdd(refusal.Host, now);
        if (isNew || (_told.TryGetValue(refusal.Host, out var last) && time.GetElapsedTime(last, now) >= Every && _told.TryUpdate(refusal.Host, now, last)))
        {
            log.LogWarning("An upstream or provider is refused: {Reason}", refusal.Message);
        }
    }
}
