using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>One edge's meter over scripted grains, with its upkeep running on a clock that the test moves.</summary>
internal sealed class MeteredEdge : IAsyncDisposable
{
    private readonly FakeTimeProvider _time;
    private readonly MeterUpkeep _upkeep;
    private readonly UsageLedger _ledger;
    private bool _isStopped;

    public MeteredEdge(FakeTimeProvider time, Func<Type, string, object> grains, AttemptJournal? journal = null)
    {
        _time = time;
        var cluster = new ScriptedCluster((type, key) => type == typeof(IEdgeUsageGrain) ? new UsageGrain(Batches) : grains(type, key));
        var start = new EdgeStart(new EdgeOptions(), time);
        Name = start.Id;
        _ledger = new UsageLedger(cluster, start, time, NullLogger<UsageLedger>.Instance, journal);
        Meter = new Meter(cluster, start, _ledger, time, NullLogger<Meter>.Instance);
        _upkeep = new MeterUpkeep(Meter, _ledger, new ActiveRevision(time), time, NullLogger<MeterUpkeep>.Instance);
    }

    public Meter Meter { get; }

    /// <summary>The edge's id of this start.</summary>
    public string Name { get; }

    public List<UsageBatch> Batches { get; } = [];

    public static Caller Acme() => new(new KeyIdentity("acme", "k1", null, null, [], "1.ab"));

    public static EdgeRevision Revision(IEnumerable<LimitResource> limits, IEnumerable<BudgetResource> budgets, long number = 1) =>
        EdgeRevision.Empty(new Head(1, number, ""), $"default@{number}") with
        {
            Compilation = new Compilation(RevisionContent.Empty, [], new Plan { Policies = new PolicyTable(limits, budgets) }),
        };

    public static BudgetResource Budget(
        BudgetUnit unit, long amount, BudgetMode mode = BudgetMode.Hard, WhenUnreachable rule = WhenUnreachable.Closed, string name = "daily") => new(
        name, new Subject(SubjectScope.Tenant, "acme"), unit, amount, new BudgetWindow(WindowLength.Day, "UTC"), mode, rule);

    public static LimitResource Limit(Rate? requests = null, Rate? tokens = null, int? concurrent = null, WhenUnreachable rule = WhenUnreachable.Closed) =>
        new("rate", new Subject(SubjectScope.Tenant, "acme"), requests, tokens, concurrent, rule);

    public static Rate PerSecond(long amount, long burst) => new(TimeSpan.FromSeconds(1), amount, burst);

    public static Settlement Used(long input, long output, UsageSource source = UsageSource.Reported) => new(source, new TokenCounts { Input = input, Output = output }, "p/m", 200);

    /// <summary>Waits for a decision while the clock moves on.</summary>
    public async Task<Admission> AdmitAsync(EdgeRevision revision, Caller? caller, Ask ask)
    {
        var admission = Meter.AdmitAsync(revision, caller, ask, TestContext.Current.CancellationToken).AsTask();
        await Eventually.HoldsAsync(() => admission.IsCompleted);
        return await admission;
    }

    /// <summary>Waits for the refusal of a request for which no silo answers: it is asked for again until the bound.</summary>
    public async Task<Refusal> RefuseAsync(EdgeRevision revision, Caller? caller, Ask ask)
    {
        var begun = _time.GetTimestamp();
        var admission = Meter.AdmitAsync(revision, caller, ask, TestContext.Current.CancellationToken).AsTask();
        await MoveUntilAsync(() => admission.IsCompleted);
        Assert.InRange(_time.GetElapsedTime(begun), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60));
        return (await admission).Refusal!;
    }

    /// <summary>Begins the upkeep.</summary>
    public Task StartAsync() => _upkeep.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Moves the clock in the upkeep's steps until the condition holds.</summary>
    public Task MoveUntilAsync(Func<bool> condition) => Eventually.HoldsAsync(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(200));
        return condition();
    });

    /// <summary>Ends in good order.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        await _upkeep.StopAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await StopAsync();
        }

        _upkeep.Dispose();
    }

    private sealed class UsageGrain(List<UsageBatch> batches) : IEdgeUsageGrain
    {
        public Task RecordAsync(UsageBatch batch)
        {
            lock (batches)
            {
                batches.Add(batch);
            }

            return Task.CompletedTask;
        }
    }
}
