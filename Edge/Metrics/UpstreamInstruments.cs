using System.Diagnostics.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of what an edge does for upstreams.</summary>
internal sealed class UpstreamInstruments
{
    private readonly DeclaredCounter _repeated;
    private readonly DeclaredCounter _denied;
    private readonly DeclaredCounter _refused;
    private readonly DeclaredCounter _ejections;

    public UpstreamInstruments(EdgeMeter meter, UpstreamHealth health, Discoveries discoveries)
    {
        (_repeated, _denied) = (new DeclaredCounter(meter.Meter, EdgeMetrics.UpstreamRetries), new DeclaredCounter(meter.Meter, EdgeMetrics.UpstreamRetriesDenied));
        (_refused, _ejections) = (new DeclaredCounter(meter.Meter, EdgeMetrics.UpstreamRefusals), new DeclaredCounter(meter.Meter, EdgeMetrics.UpstreamEjections));
        meter.Meter.CreateObservableGauge(EdgeMetrics.UpstreamEjected.Name, () => health.Ejected, EdgeMetrics.UpstreamEjected.Unit, EdgeMetrics.UpstreamEjected.Description);
        meter.Meter.CreateObservableGauge(
            EdgeMetrics.UpstreamAddresses.Name,
            () => discoveries.Counts.Select(c => new Measurement<long>(c.Addresses, KeyValuePair.Create<string, object?>("upstream", c.Upstream))),
            EdgeMetrics.UpstreamAddresses.Unit,
            EdgeMetrics.UpstreamAddresses.Description);
    }

    /// <summary>A request is sent again.</summary>
    public void Repeated(TryFailure after) => _repeated.Add(1, after switch
    {
        TryFailure.Connect => "connect",
        TryFailure.Reset => "reset",
        TryFailure.Timeout => "timeout",
        _ => "status",
    });

    /// <summary>A request is not sent again for want of budget.</summary>
    public void Denied(bool isDenied) => _denied.Add(isDenied ? 1 : 0);

    /// <summary>A request found its upstream full.</summary>
    public void Refused() => _refused.Add(1);

    /// <summary>An address may have been ejected.</summary>
    public void Ejected(bool isEjected) => _ejections.Add(isEjected ? 1 : 0);
}
