using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;

namespace Sluice.Edge.Tracing;

/// <summary>The step <c>admit</c> of a request that is traced.</summary>
internal static class AdmissionTrace
{
    /// <summary>Reserves, as <see cref="Meter.AdmitAsync"/> does.</summary>
    public static async ValueTask<Admission> RunAsync(Meter meter, EdgeRevision revision, Caller? caller, Ask ask, CancellationToken cancellation)
    {
        using var step = RequestTrace.Step("admit");
        return await meter.AdmitAsync(revision, caller, ask, cancellation);
    }
}
