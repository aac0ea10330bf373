using System.Diagnostics.Metrics;
using Sluice.Edge.Metering;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Metrics;

/// <summary>The instruments of what an edge has counted and not yet told.</summary>
public sealed class UsageInstruments
{
    public UsageInstruments(EdgeMeter meter, Metering.Meter accounts, UsageLedger ledger, EdgeJournal journal)
    {
        Gauge(EdgeMetrics.UsageWaiting, () => ledger.Waiting);
        Gauge(EdgeMetrics.JournalBytes, () => journal.Journal?.Bytes ?? 0);
        Counter(EdgeMetrics.AccountCalls, () => accounts.Context.Calls + ledger.Calls);
        Counter(EdgeMetrics.Overdraft, () => accounts.Overdraft);
        Counter(EdgeMetrics.StreamsCut, () => accounts.Cut);
        Counter(EdgeMetrics.UsageLost, () => ledger.Lost);
        Counter(EdgeMetrics.JournalLost, () => journal.Journal?.Lost ?? 0);

        void Gauge(Metric metric, Func<long> value) => meter.Meter.CreateObservableGauge(metric.Name, value, metric.Unit, metric.Description);
        void Counter(Metric metric, Func<long> value) => meter.Meter.CreateObservableCounter(metric.Name, value, metric.Unit, metric.Description);
    }
}
