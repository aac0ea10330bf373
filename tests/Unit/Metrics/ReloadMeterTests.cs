using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Metrics;

namespace Sluice.Tests.Unit.Metrics;

public sealed class ReloadMeterTests : IDisposable
{
    private static readonly Head Head = new(1, 7, "hash");
    private readonly FakeTimeProvider _time = new();
    private readonly ReloadMeter _meter;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _seen = new(StringComparer.Ordinal);

    public ReloadMeterTests()
    {
        _meter = new ReloadMeter(_time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _meter.Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    public static TheoryData<PublishOutcome, string> Outcomes => new()
    {
        { Published(BarrierState.Complete), "committed" },
        { Published(BarrierState.None), "committed" },
        { Published(BarrierState.Partial), "partial" },
        { new PublishOutcome.Unchanged(Head, BarrierReport.NotAwaited), "unchanged" },
        { new PublishOutcome.Invalid([]), "check" },
        { new PublishOutcome.UnknownRevision(9), "check" },
        { new PublishOutcome.Conflict(Head, []), "conflict" },
        { new PublishOutcome.OwnedByOthers([]), "owner" },
        { new PublishOutcome.Refused("hash", "edge", new EdgeRefusal("compile", "", "")), "edge" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task A_publish_counts_once_under_what_became_of_it(PublishOutcome outcome, string counted)
    {
        Assert.Same(outcome, await _meter.CountAsync("cli", Task.FromResult(outcome)));

        var publishes = Look().Where(s => s.Key.StartsWith("sluice.reload.publishes ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(8 * 7, publishes.Length);
        Assert.Equal(($"sluice.reload.publishes outcome={counted} via=api", 1.0), Assert.Single(publishes, p => p.Value > 0) is var only ? (only.Key, only.Value) : default);
    }

    [Fact]
    public async Task A_dry_run_counts_nowhere_and_a_failure_passes_on()
    {
        await _meter.CountAsync("api", Task.FromResult<PublishOutcome>(new PublishOutcome.Checked(Head, "hash", [])));
        await Assert.ThrowsAsync<TimeoutException>(() => _meter.CountAsync("git", Task.FromException<PublishOutcome>(new TimeoutException())));

        Assert.Equal(("sluice.reload.publishes outcome=failed via=git", 1.0), Assert.Single(Look(), s => s.Key.StartsWith("sluice.reload.publishes", StringComparison.Ordinal) && s.Value > 0) is var only ? (only.Key, only.Value) : default);
    }

    [Fact]
    public async Task What_nobody_declared_makes_no_series_of_its_own()
    {
        await _meter.CountAsync("a way that is new", Task.FromResult<PublishOutcome>(new PublishOutcome.Refused("hash", "edge", new EdgeRefusal("a code that is new", "", ""))));

        Assert.Equal(1, Look()["sluice.reload.publishes outcome=edge via=other"]);
        Assert.Equal(1, Look()["sluice.reload.refusals code=other"]);
    }

    [Fact]
    public void Edges_behind_are_told_while_the_fleet_looks()
    {
        _meter.Look("default", 7, [7, 7, 3, 0]);
        var seen = Look();

        Assert.Equal((4, 2, 7), (seen["sluice.reload.edges workspace=default"], seen["sluice.reload.edges.behind workspace=default"], seen["sluice.reload.edges.lag workspace=default"]));
        Assert.Equal((7, 7), (seen["sluice.reload.revision workspace=default"], seen["sluice.reload.audit.entries workspace=default"]));

        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.DoesNotContain(Look().Keys, key => key.StartsWith("sluice.reload.edges", StringComparison.Ordinal));
    }

    private static PublishOutcome.Published Published(BarrierState barrier) => new(
        Head, [], ImmutableDictionary<string, TimeSpan>.Empty.Add("check", TimeSpan.FromMilliseconds(3)), new BarrierReport(barrier, 1, []));

    private Dictionary<string, double> Look()
    {
        _seen.Clear();
        _listener.RecordObservableInstruments();
        return new Dictionary<string, double>(_seen, StringComparer.Ordinal);
    }

    private void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = instrument.Name;
        foreach (var (name, text) in tags)
        {
            key = $"{key} {name}={text}";
        }

        _seen[key] = value;
    }
}
