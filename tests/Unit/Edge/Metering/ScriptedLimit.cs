using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>A limit's grain that gives what the test says.</summary>
internal sealed class ScriptedLimit : IEdgeRateLimitGrain
{
    private TaskCompletionSource<bool> _newcomer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RateLease Lease { get; set; } = new(RateLease.Whole, 10, TimeSpan.FromSeconds(3), Declared: true);

    public bool IsUnreachable { get; set; }

    public int Leases { get; private set; }

    public int Returns { get; private set; }

    public RateDemand? LastDemand { get; private set; }

    public Task<RateLease> LeaseAsync(RateDemand demand)
    {
        Leases++;
        LastDemand = demand;
        if (IsUnreachable)
        {
            return Task.FromException<RateLease>(new TimeoutException());
        }

        // The whole of a limit that nobody held comes with its whole burst.
        var isFirst = demand.HeldShare == 0 && Lease.Share == RateLease.Whole;
        return Task.FromResult(isFirst ? Lease with { RequestCredit = long.MaxValue, TokenCredit = long.MaxValue } : Lease);
    }

    public Task<RateTaken> TakeAsync(RateTake take) => Task.FromException<RateTaken>(new NotSupportedException("Nobody is told to ask here."));

    /// <summary>Tells every edge that listens that another one waits.</summary>
    public void Await() => Interlocked.Exchange(ref _newcomer, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult(true);

    public Task<bool> IsAwaitedAsync() => Volatile.Read(ref _newcomer).Task;

    public Task ReturnAsync(RateReturn share)
    {
        Returns++;
        return Task.CompletedTask;
    }
}
