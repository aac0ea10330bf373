using System.Diagnostics.Metrics;
using Sluice.Edge.Memory;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of what an edge refuses for want of memory.</summary>
internal sealed class MemoryInstruments
{
    public MemoryInstruments(EdgeMeter meter, MemoryWatch memory)
    {
        meter.Meter.CreateObservableGauge(EdgeMetrics.MemoryFull.Name, () => memory.IsFull ? 1L : 0L, EdgeMetrics.MemoryFull.Unit, EdgeMetrics.MemoryFull.Description);
        meter.Meter.CreateObservableCounter(EdgeMetrics.MemoryRefused.Name, () => memory.Refused, EdgeMetrics.MemoryRefused.Unit, EdgeMetrics.MemoryRefused.Description);
    }
}
