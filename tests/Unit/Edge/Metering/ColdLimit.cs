using Sluice.Grains.Interfaces.Limits;
using Sluice.Grains.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>The grain of one limit in memory: the real rules, without storage.</summary>
internal sealed class ColdLimit(TimeProvider time, Rate? requests, Rate? tokens) : IEdgeRateLimitGrain
{
    private readonly Lock _gate = new();
    private readonly ShareTable _table = new(TimeSpan.FromSeconds(3));
    private readonly long _start = time.GetTimestamp();

    public LimitResource Limit { get; private set; } = new("rate", new Subject(SubjectScope.Tenant, "acme"), requests, tokens, null, WhenUnreachable.Closed);

    public bool IsUnreachable { get; set; }

    public int Takes { get; private set; }

    /// <summary>How often something came back that was not used.</summary>
    public int GivenBack { get; private set; }

    public void Declare(Rate? requests, Rate? tokens) => Limit = Limit with { Requests = requests, Tokens = tokens };

    public Task<RateLease> LeaseAsync(RateDemand demand) => Do(now => _table.Lease(demand, Limit, now));

    public Task<RateTaken> TakeAsync(RateTake take) => Do(now =>
    {
        Takes += take.Requests;
        GivenBack += take.RequestCredit > 0 ? 1 : 0;
        return _table.Take(take, Limit, now);
    });

    public Task ReturnAsync(RateReturn share) => Do(now => _table.Return(share, Limit, now));

    public Task<bool> IsAwaitedAsync() => new TaskCompletionSource<bool>().Task;

    private Task<T> Do<T>(Func<TimeSpan, T> rule)
    {
        lock (_gate)
        {
            return IsUnreachable ? Task.FromException<T>(new TimeoutException()) : Task.FromResult(rule(time.GetElapsedTime(_start)));
        }
    }
}
