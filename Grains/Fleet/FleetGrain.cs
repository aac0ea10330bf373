using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Tenants;

namespace Sluice.Grains.Fleet;

/// <summary>
/// The shell around <see cref="LeaseTable"/>: gives it the time, reads the head for each grant, and tells who came and went. Edges that were listed
/// when a silo ended list themselves anew with their next renewal.
/// </summary>
[Reentrant, GrainType("fleet")]
public sealed class FleetGrain : Grain, IFleetGrain
{
    private static readonly Head Nothing = new(0, 0, "");

    private readonly TimeProvider _time;
    private readonly ILogger<FleetGrain> _log;
    private readonly FleetOptions _options;
    private readonly PepperSource _peppers;
    private readonly LeaseTable _leases;
    private readonly SharedRead<(Head Head, long LastChange)> _truth;
    private readonly long _start;

    public FleetGrain(TimeProvider time, IOptions<FleetOptions> options, PepperSource peppers, ILogger<FleetGrain> log)
    {
        _peppers = peppers;
        _time = time;
        _log = log;
        _options = options.Value;
        _leases = new LeaseTable(_options.Lease);
        _truth = new SharedRead<(Head, long)>(ReadTruthAsync);
        _start = time.GetTimestamp();
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private IChangeLogGrain Changes => GrainFactory.GetGrain<IChangeLogGrain>(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var period = _options.Lease / 6;
        this.RegisterGrainTimer(TellLapsedAsync, new GrainTimerCreationOptions(period, period) { Interleave = true });
        return Task.CompletedTask;
    }

    public async Task<EdgeRegistration> RegisterAsync(EdgeHello hello)
    {
        var grant = await RenewAsync(new EdgeReport(hello, Nothing, RequestsPerSecond: 0, InFlight: 0, Fault: null));
        return new EdgeRegistration(grant, await _peppers.GetAsync());
    }

    public async Task<LeaseGrant> RenewAsync(EdgeReport report)
    {
        // Listed before the grant, and again from the grant on: the edge may believe it from then for the whole length.
        await ListAsync(report);
        var (head, lastChange) = await _truth.ReadAsync().WaitAsync(_options.Lease, _time);
        await ListAsync(report);
        return new LeaseGrant(_options.Lease, head, lastChange);
    }

    public async Task LeaveAsync(string edge)
    {
        if (_leases.Leave(edge))
        {
            await TellAsync(ChangeKind.EdgeLeft, edge);
        }
    }

    public Task<ImmutableArray<EdgeStatus>> GetEdgesAsync() => Task.FromResult(_leases.Live(Now));

    private async Task ListAsync(EdgeReport report)
    {
        if (_leases.Renew(report, Now, _time.GetUtcNow()))
        {
            await TellAsync(ChangeKind.EdgeJoined, report.Hello.Edge);
        }
    }

    private async Task<(Head Head, long LastChange)> ReadTruthAsync()
    {
        var head = GrainFactory.GetGrain<ICatalogGrain>(this.GetPrimaryKeyString()).GetHeadAsync();
        var lastChange = Changes.GetLastAsync();
        return (await head, await lastChange);
    }

    private async Task TellLapsedAsync(CancellationToken cancellation)
    {
        foreach (var edge in _leases.TakeLapsed(Now))
        {
            _log.LogInformation("The lease of edge {Edge} ended without a renewal.", edge);
            await TellAsync(ChangeKind.EdgeLeft, edge);
        }
    }

    // News of edges is for people who watch: it never stands in the way of a lease.
    private async Task TellAsync(ChangeKind kind, string edge)
    {
        try
        {
            await Changes.AppendAsync(new NewChange(kind, edge, Author.System)).WaitAsync(_options.Lease / 6, _time);
        }
        catch (Exception e)
        {
            _log.LogWarning(e, "{Kind} of edge {Edge} could not be told.", kind, edge);
        }
    }
}
