using Sluice.Edge.Pipeline.Routes;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Metrics;

/// <summary>The instrument of copies of requests.</summary>
internal sealed class MirrorInstruments(EdgeMeter meter)
{
    private readonly DeclaredCounter _copies = new(meter.Meter, EdgeMetrics.Mirrored);

    /// <summary>A copy had its end.</summary>
    public void Count(MirrorEnd end) => _copies.Add(1, end switch
    {
        MirrorEnd.Answered => "answered",
        MirrorEnd.Failed => "failed",
        MirrorEnd.Full => "full",
        MirrorEnd.Large => "large",
        _ => "broken",
    });
}
