using System.Diagnostics.Metrics;
using Sluice.Edge.Bodies;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of bodies that are held.</summary>
internal sealed class BodyInstruments
{
    private static readonly (BodyBound Bound, KeyValuePair<string, object?> Tag)[] Bounds =
        [(BodyBound.Request, new("bound", "request")), (BodyBound.Tenant, new("bound", "tenant")), (BodyBound.Edge, new("bound", "edge"))];

    public BodyInstruments(EdgeMeter meter, HeldBodies bodies)
    {
        meter.Meter.CreateObservableGauge(EdgeMetrics.BodiesHeld.Name, () => bodies.Held, EdgeMetrics.BodiesHeld.Unit, EdgeMetrics.BodiesHeld.Description);
        meter.Meter.CreateObservableCounter(
            EdgeMetrics.BodiesRefused.Name, () => Bounds.Select(b => new Measurement<long>(bodies.Refused(b.Bound), b.Tag)), EdgeMetrics.BodiesRefused.Unit, EdgeMetrics.BodiesRefused.Description);
    }
}
