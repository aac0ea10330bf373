using System.Diagnostics.Metrics;
using Sluice.Edge.CallLog;
using Sluice.Edge.CallLog.Bodies;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of what an edge brings to the call log.</summary>
internal sealed class CallLogInstruments
{
    private static readonly KeyValuePair<string, object?> Full = new("reason", "full");
    private static readonly KeyValuePair<string, object?> Rate = new("reason", "rate");
    private static readonly KeyValuePair<string, object?> Refused = new("reason", "refused");

    public CallLogInstruments(EdgeMeter meter, CallBuffer calls, BodyBuffer bodies)
    {
        meter.Meter.CreateObservableGauge(EdgeMetrics.CallsWaiting.Name, () => calls.Waiting, EdgeMetrics.CallsWaiting.Unit, EdgeMetrics.CallsWaiting.Description);
        meter.Meter.CreateObservableCounter(EdgeMetrics.CallsLogged.Name, () => calls.Logged, EdgeMetrics.CallsLogged.Unit, EdgeMetrics.CallsLogged.Description);
        meter.Meter.CreateObservableCounter<long>(
            EdgeMetrics.CallsDropped.Name, () => [new(calls.Full, Full), new(calls.PassedOver, Rate)], EdgeMetrics.CallsDropped.Unit, EdgeMetrics.CallsDropped.Description);
        meter.Meter.CreateObservableCounter(EdgeMetrics.BodiesLogged.Name, () => bodies.Logged, EdgeMetrics.BodiesLogged.Unit, EdgeMetrics.BodiesLogged.Description);
        meter.Meter.CreateObservableCounter<long>(
            EdgeMetrics.BodiesDropped.Name, () => [new(bodies.Full, Full), new(bodies.Refused, Refused)], EdgeMetrics.BodiesDropped.Unit, EdgeMetrics.BodiesDropped.Description);
    }
}
