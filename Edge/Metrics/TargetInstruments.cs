using System.Diagnostics.Metrics;
using Sluice.Edge.Targets;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of what an edge has seen of models' targets.</summary>
internal sealed class TargetInstruments
{
    public TargetInstruments(EdgeMeter meter, TargetTable targets)
    {
        meter.Meter.CreateObservableCounter(EdgeMetrics.Retries.Name, () => targets.Retries, EdgeMetrics.Retries.Unit, EdgeMetrics.Retries.Description);
        meter.Meter.CreateObservableGauge(EdgeMetrics.TargetsEjected.Name, () => targets.Ejected, EdgeMetrics.TargetsEjected.Unit, EdgeMetrics.TargetsEjected.Description);
        meter.Meter.CreateObservableGauge(EdgeMetrics.TargetsResting.Name, () => targets.Resting, EdgeMetrics.TargetsResting.Unit, EdgeMetrics.TargetsResting.Description);
    }
}
