using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>A limit's grain that gives what the test says.</summary>
internal sealed class ScriptedLimit : IEdgeRateLimitGrain
{
    public RateLease Lease { get; set; } = new(RateLease.Whole, 10, TimeSpan.FromSeconds(3), Declared: true);

    public bool IsUnreachable { get; set; }

    public int Leases { get; private set; }

    public int Returns { get; private set; }

    public RateDemand? LastDemand { get; private set; }

    public Task<RateLease> LeaseAsync(RateDemand demand)
    {
        Leases++;
        LastDemand = demand;
        return IsUnreachable ? Task.FromException<RateLease>(new TimeoutException()) : Task.FromResult(Lease);
    }

    public Task ReturnAsync(string edge)
    {
        Returns++;
        return Task.CompletedTask;
    }
}
