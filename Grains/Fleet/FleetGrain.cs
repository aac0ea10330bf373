using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Metrics;
using Sluice.Grains.Tenants;

namespace Sluice.Grains.Fleet;

/// <summary>
/// The edges of a workspace: grants leases, has candidates prepared, and passes barriers. It promises that a grant comes from a read of the head's row which
/// began after the renewal arrived and in which the edge is listed, and that a barrier ends only when no edge can admit under what was before. The rules are
/// <see cref="EdgeSet"/>, <see cref="LapseWatch"/>, <see cref="Progress"/>, <see cref="PrepareTally"/> and <see cref="HoldTally"/>; the protocol is described in docs/reload.md.
/// </summary>
[Reentrant, GrainType("fleet")]
public sealed class FleetGrain : Grain, IFleetGrain, IFleetBarrierGrain, IFleetCallsGrain
{
    private const int MostTries = 4;

    private readonly TimeProvider _time;
    private readonly ILogger<FleetGrain> _log;
    private readonly IGrainStorage _storage;
    private readonly LeaseTerms _terms;
    private readonly PepperSource _peppers;
    private readonly ReloadMeter _meter;
    private readonly LeaseTable _leases;
    private readonly LapseWatch _watch;
    private readonly Progress _progress = new();
    private readonly FleetNewsBoard _board;
    private readonly Preparing _preparing;
    private readonly SharedRead<(HeadRow Row, long LastChange)> _truth;
    private readonly HashSet<string> _asking = new(StringComparer.Ordinal);
    private readonly long _start;
    private HeadStore _heads = null!;
    private Holds _holds = null!;

    public FleetGrain(
        [FromKeyedServices("Default")] IGrainStorage storage, TimeProvider time, IOptions<FleetOptions> options, PepperSource peppers, ReloadMeter meter, ILogger<FleetGrain> log)
    {
        (_storage, _time, _log, _peppers, _meter) = (storage, time, log, peppers, meter);
        _terms = new LeaseTerms(options.Value.Lease);
        _leases = new LeaseTable(_terms);

        // Edges that were listed before this activation get a mark at once: those that are there take it away with their next renewal.
        _watch = new LapseWatch(_terms, -_terms.Wait);
        _truth = new SharedRead<(HeadRow, long)>(ReadTruthAsync);
        _board = new FleetNewsBoard(time);
        _start = time.GetTimestamp();
        _preparing = new Preparing(_board, _leases, _terms, () => Now);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private IChangeLogGrain Changes => GrainFactory.GetGrain<IChangeLogGrain>(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _heads = HeadStore.Of(GrainFactory, this.GetPrimaryKeyString(), _storage, _log);
        _holds = new Holds(_heads, _board, _terms, _time);
        var period = _terms.Length / 6;
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(period, period) { Interleave = true });
        return Task.CompletedTask;
    }

    public async Task<EdgeRegistration> RegisterAsync(EdgeHello hello)
    {
        var grant = await RenewAsync(new EdgeReport(hello, HeadOrder.Nothing, RequestsPerSecond: 0, InFlight: 0, Fault: null, Applied: 0));
        return new EdgeRegistration(grant, await _peppers.GetAsync());
    }

    public async Task<LeaseGrant> RenewAsync(EdgeReport report)
    {
        var edge = report.Hello.Edge;
        await HearAsync(report);
        for (var tries = 0; tries < MostTries; tries++)
        {
            _asking.Add(edge);
            var (row, lastChange) = await _truth.ReadAsync().WaitAsync(_terms.Length, _time);
            if (EdgeSet.MayBeGranted(row, edge))
            {
                _board.Post(_board.News with { Head = HeadMoves.HeadOf(row), LastChange = Math.Max(lastChange, row.Changes) });
                await HearAsync(report);
                return new LeaseGrant(_terms.Length, HeadMoves.HeadOf(row), lastChange, row.Changes);
            }
        }

        throw new InconsistentStateException($"Edge {edge} could not be listed in the head's row; its next renewal may.");
    }

    public async Task LeaveAsync(string edge)
    {
        await _heads.MoveAsync(row => row.Edges.ContainsKey(edge) ? EdgeSet.Leave(row, edge) : row);
        if (_leases.Leave(edge))
        {
            await TellAsync(ChangeKind.EdgeLeft, edge);
        }
    }

    public Task<FleetNews> WatchAsync(string edge, FleetNews seen)
    {
        _preparing.Hear(edge, seen);
        _holds.Hear(edge, seen);
        return _board.NextAsync(edge, seen);
    }

    public Task AcknowledgeAsync(string edge, Head active, long applied)
    {
        Acknowledge(edge, active, applied);
        return Task.CompletedTask;
    }

    public Task PreparedAsync(string edge, string hash, EdgeRefusal? refusal)
    {
        _preparing.Answer(edge, hash, refusal);
        return Task.CompletedTask;
    }

    // An edge acknowledges at once what it tells with its next renewal: a publish that has returned is seen here.
    public Task<ImmutableArray<EdgeStatus>> GetEdgesAsync() => Task.FromResult<ImmutableArray<EdgeStatus>>(
    [
        .. _leases.Live(Now).Select(status =>
        {
            var reached = _progress.Of(status.Report.Hello.Edge);
            return status with { Report = status.Report with { Active = reached.Head, Applied = reached.Changes } };
        }),
    ]);

    public Task<ImmutableArray<string>> WantCallsAsync(CallsWanted? wanted)
    {
        var edges = _leases.Live(Now).Select(e => e.Report.Hello.Edge).ToImmutableArray();
        var each = Math.Max(1, edges.Length);
        _board.Post(_board.News with { Calls = wanted is null ? null : wanted with { MostCalls = wanted.MostCalls / each, MostCharacters = wanted.MostCharacters / each } });
        return Task.FromResult(edges);
    }

    public Task<PrepareReport> PrepareAsync(CandidateKey candidate, bool waitForSilent) => _preparing.RunAsync(candidate, waitForSilent);

    public Task<HoldReport> HoldAsync(Head candidate) => _holds.BeginAsync(candidate);

    public Task<Head> ReleaseAsync(Head candidate) => _holds.ReleaseAsync(candidate);

    public Task<BarrierReport> ActivateAsync(Head head, ImmutableArray<string> edges)
    {
        if (HeadOrder.IsAfter(head, _board.News.Head))
        {
            _board.Post(_board.News with { Head = head });
        }

        return PassAsync(edges, new Reached(head, 0));
    }

    public async Task<BarrierReport> RequireAsync(long change)
    {
        var row = (await _heads.MoveAsync(row => HeadMoves.Require(row, change))).Row;
        _board.Post(_board.News with { LastChange = Math.Max(_board.News.LastChange, change) });
        return await PassAsync([.. row.Edges.Keys], new Reached(HeadOrder.Nothing, change));
    }

    // The wait begins here, after the swap: counted by a clock that may run fast, a lease granted before it has ended at its end.
    private async Task<BarrierReport> PassAsync(ImmutableArray<string> edges, Reached wanted)
    {
        await _board.UntilAsync(() => edges.All(edge => _progress.HasReached(edge, wanted)), _terms.Wait);
        var lapsed = _progress.Missing(edges, wanted);
        return new BarrierReport(lapsed.IsEmpty ? BarrierState.Complete : BarrierState.Partial, edges.Length - lapsed.Length, lapsed);
    }

    private async Task HearAsync(EdgeReport report)
    {
        var edge = report.Hello.Edge;
        _watch.Hear(edge, Now);
        Acknowledge(edge, report.Active, report.Applied);
        if (_leases.Renew(report, Now, _time.GetUtcNow()))
        {
            await TellAsync(ChangeKind.EdgeJoined, edge);
        }
    }

    private void Acknowledge(string edge, Head active, long applied)
    {
        _progress.Acknowledge(edge, new Reached(active, applied));
        _board.Wake();
    }

    // All who ask at this moment are answered from this one read; those who are not in the set enter it by one swap, and the row swapped in is what they are granted from.
    private async Task<(HeadRow Row, long LastChange)> ReadTruthAsync()
    {
        var asking = _asking.ToArray();
        _asking.Clear();
        var row = (await _heads.ReadAsync()).Row;
        if (asking.Any(edge => !EdgeSet.MayBeGranted(row, edge)))
        {
            row = (await _heads.MoveAsync(seen => asking.All(edge => EdgeSet.MayBeGranted(seen, edge)) ? seen : EdgeSet.Enlist(seen, asking))).Row;
        }

        return (row, await Changes.GetLastAsync());
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        _board.Wake();
        foreach (var edge in _leases.TakeLapsed(Now))
        {
            _log.LogInformation("The lease of edge {Edge} ended without a renewal.", edge);
            await TellAsync(ChangeKind.EdgeLeft, edge);
        }

        try
        {
            var seen = await _heads.ReadAsync();
            if (_watch.Look(seen.Row, Now) is { } step && (await _heads.TrySwapAsync(seen, step.Next)).Done is not null && step.Struck.Count > 0)
            {
                _log.LogInformation("Edges {Edges} are out of the set: their leases have ended.", string.Join(", ", step.Struck));
            }

            _progress.Keep(seen.Row.Edges.ContainsKey);
            _meter.Look(this.GetPrimaryKeyString(), seen.Row.Revision, [.. seen.Row.Edges.Keys.Select(edge => _progress.Of(edge).Head.Revision)]);
        }
        catch (Exception e)
        {
            _log.LogWarning("The edge set could not be looked through and is looked at again: {Reason}", e.Message);
        }
    }

    // News of edges is for people who watch: it never stands in the way of a lease.
    private async Task TellAsync(ChangeKind kind, string edge)
    {
        try
        {
            await Changes.AppendAsync(new NewChange(kind, edge, Author.System)).WaitAsync(_terms.Length / 6, _time);
        }
        catch (Exception e)
        {
            _log.LogWarning(e, "{Kind} of edge {Edge} could not be told.", kind, edge);
        }
    }
}
