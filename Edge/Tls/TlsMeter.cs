using System.Diagnostics.Metrics;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Revisions.Certificates;

namespace Sluice.Edge.Tls;

/// <summary>Counts handshakes, and tells when the certificates of the revision in force end.</summary>
internal sealed class TlsMeter
{
    private readonly DeclaredCounter _handshakes;

    public TlsMeter(EdgeMeter meter, ActiveRevision active, TimeProvider time)
    {
        _handshakes = new DeclaredCounter(meter.Meter, EdgeMetrics.Handshakes);
        Gauge(EdgeMetrics.CertificateEnds, certificate => (certificate.Ends - time.GetUtcNow()).TotalSeconds);
        Gauge(EdgeMetrics.CertificateDue, certificate => CertificateExpiry.IsNear(certificate.Begins, certificate.Ends, time.GetUtcNow()) ? 1 : 0);

        void Gauge(Metric metric, Func<ServerCertificate, double> value) => meter.Meter.CreateObservableGauge(
            metric.Name,
            () => (active.Current?.Certificates ?? ServerCertificates.None).All.Select(c => new Measurement<double>(value(c), KeyValuePair.Create<string, object?>("certificate", c.Resource.Name))),
            metric.Unit,
            metric.Description);
    }

    /// <summary>A handshake ended: <c>done</c>, <c>unknown-name</c> or <c>failed</c>.</summary>
    public void Ended(string outcome) => _handshakes.Add(1, outcome);
}
