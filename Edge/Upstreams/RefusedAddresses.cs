using Microsoft.Extensions.Logging;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge.Upstreams;

/// <summary>Tells the operator of hosts that are not connected to: each, at each port, once a minute, however many requests want it.</summary>
internal sealed class RefusedAddresses(TimeProvider time, ILogger log)
{
    private readonly Seldom<(string Host, int Port)> _seldom = new(time, TimeSpan.FromMinutes(1));

    public void Tell(AddressRefusedException refusal)
    {
        if (_seldom.IsDue((refusal.Host, refusal.Port)))
        {
            log.LogWarning("An upstream or provider is refused: {Reason}", refusal.Message);
        }
    }
}
