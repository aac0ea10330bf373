using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Alerts;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Revisions.Alerts;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Alerts;

/// <summary>
/// The shell around <see cref="StoredAlerts"/> and <see cref="Evaluation"/>: takes what processes tell, evaluates every few seconds, stores what begins and ends before anybody is told, and tells
/// it until it was told. See docs/alerts.md.
/// </summary>
[Reentrant, GrainType("alerts")]
internal sealed class AlertsGrain : Grain, IAlertsGrain
{
    private static readonly string[] Severities = ["info", "warning", "critical"];

    private readonly Gathered<StoredAlerts> _stored;
    private readonly Dictionary<(string, string), DateTimeOffset> _pending = [];
    private readonly AlertMeter _meter;
    private readonly TimeSpan _every;
    private readonly TimeProvider _time;
    private readonly CancellationToken _ending;
    private readonly ILogger _log;
    private Readings _readings = null!;
    private DeclaredAlerts _declared = null!;
    private ImmutableArray<AlertResource> _alerts = [];
    private ImmutableHashSet<string> _own = [];
    private ImmutableArray<Judged> _judged = [];

    public AlertsGrain([PersistentState("alerts")] IPersistentState<StoredAlerts> stored, IOptions<AlertOptions> options, AlertMeter meter, TimeProvider time, IHostApplicationLifetime host, ILogger<AlertsGrain> log) =>
        (_stored, _every, _meter, _time, _ending, _log) = (new(new(this, stored)), options.Value.Every, meter, time, host.ApplicationStopping, log);

    private string Workspace => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_readings, _declared) = (new Readings(_time.GetUtcNow(), _every), new DeclaredAlerts(GrainFactory.GetGrain<ICatalogGrain>(Workspace)));
        (_alerts, _own) = await _declared.ReadAsync();
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(_every, _every) { Interleave = true, KeepAlive = true });
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _meter.Forget();
        return Task.CompletedTask;
    }

    public Task<ReadingsWanted> ReportAsync(ProcessReadings readings)
    {
        _readings.Take(readings, _time.GetUtcNow());
        return Task.FromResult(new ReadingsWanted([.. _alerts.SelectMany(KnownMetrics.AllSeriesOf).Distinct(StringComparer.Ordinal)], _every));
    }

    public Task LeaveAsync(string process)
    {
        _readings.Leave(process);
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<AlertStatus>> ListAsync()
    {
        (_alerts, _own) = await _declared.ReadAsync();
        var now = _time.GetUtcNow();
        return
        [
            .. from alert in _alerts
               from one in Groups(alert)
               let firing = _stored.Value.Find(alert.Name, one.About)
               let begun = _pending.TryGetValue((alert.Name, one.About), out var at) ? at : (DateTimeOffset?)null
               let phase = firing is not null ? AlertPhase.Firing : begun is not null ? AlertPhase.Pending : AlertPhase.Quiet
               select new AlertStatus(
                   alert.Name, one.About, phase, alert.Severity, alert.Summary ?? Evaluation.Describe(alert), Evaluation.Describe(alert), one.Value, firing?.Since ?? begun,
                   _stored.Value.IsSilenced(alert.Name, one.About, now), _own.Contains(alert.Name)),
        ];
    }

    public Task<ImmutableArray<AlertTransition>> HistoryAsync() => Task.FromResult<ImmutableArray<AlertTransition>>([.. _stored.Value.History.Reverse()]);

    public Task<ImmutableArray<AlertSilence>> SilencesAsync()
    {
        var now = _time.GetUtcNow();
        return Task.FromResult<ImmutableArray<AlertSilence>>([.. _stored.Value.Silences.Where(s => s.Until > now)]);
    }

    public async Task<AlertSilence?> SilenceAsync(string alert, string? about, TimeSpan time, string by, string? reason)
    {
        var now = _time.GetUtcNow();
        var silence = new AlertSilence($"sil_{Guid.CreateVersion7(now):N}", alert, about, now + time, by, reason);
        await _stored.ChangeAsync(stored => stored.With(silence, now));
        return _stored.Value.Silences.Contains(silence) ? silence : null;
    }

    public async Task<bool> UnsilenceAsync(string id)
    {
        var isKnown = _stored.Value.Silences.Any(s => string.Equals(s.Id, id, StringComparison.Ordinal));
        await _stored.ChangeAsync(stored => isKnown ? stored with { Silences = stored.Silences.RemoveAll(s => string.Equals(s.Id, id, StringComparison.Ordinal)) } : stored);
        return isKnown;
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        if (_ending.IsCancellationRequested)
        {
            // Another silo goes on with it.
            return;
        }

        try
        {
            (_alerts, _own) = await _declared.ReadAsync();
            var now = _time.GetUtcNow();
            _readings.Forget(now);
            _judged = [.. from alert in _alerts from one in Evaluation.Of(alert, _readings, now) select Judge(alert, one.Key, one.Value)];
            await _stored.ChangeAsync(stored => stored.Next(_judged, _pending, name => MayEnd(name, now), now));
            _meter.Show([.. Severities.Select(s => (s, _stored.Value.Firing.Count(f => f.Severity.ToString().Equals(s, StringComparison.OrdinalIgnoreCase))))], _readings.Silent(silos: true, now), _readings.Silent(silos: false, now));
            await TellAsync();
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && !_ending.IsCancellationRequested)
        {
            _log.LogWarning("Alerts could not be evaluated, and are soon: {Reason}", failure.Message);
        }
    }

    private static Judged Judge(AlertResource alert, string about, double? value) => new(
        alert.Name, about, alert.Severity, alert.Summary ?? Evaluation.Describe(alert), Evaluation.Describe(alert), value, value is { } measured && alert.Holds(measured), alert.For);

    // What is told begins anew where the grain does: an alert that fires stays until what it is judged by is known again.
    private bool MayEnd(string name, DateTimeOffset now)
    {
        var over = _alerts.FirstOrDefault(a => string.Equals(a.Name, name, StringComparison.Ordinal)) is { Value: not AlertValue.Now } alert ? alert.Over : TimeSpan.Zero;
        return now - _readings.Since > (over > _readings.Fresh ? over : _readings.Fresh);
    }

    private async Task TellAsync()
    {
        foreach (var transition in _stored.Value.Untold)
        {
            if (!transition.IsSilenced)
            {
                var send = _alerts.FirstOrDefault(a => string.Equals(a.Name, transition.Alert, StringComparison.Ordinal))?.Send ?? [];
                await GrainFactory.GetGrain<IWebhooksGrain>(Workspace).PostAlertAsync(new AlertNotice(transition, send));
            }

            var subject = transition.About.Length > 0 ? $"{transition.Alert}/{transition.About}" : transition.Alert;
            await GrainFactory.GetGrain<IChangeLogGrain>(Workspace).AppendAsync(new NewChange(transition.Phase is AlertPhase.Firing ? ChangeKind.AlertFired : ChangeKind.AlertResolved, subject, Author.System));
            await _stored.ChangeAsync(stored => stored.Told(transition.Number));
        }
    }

    // Those that fire though nothing tells of them any more are there too; one of which nothing is known has one group.
    private IEnumerable<(string About, double? Value)> Groups(AlertResource alert)
    {
        var known = _judged.Where(j => string.Equals(j.Alert, alert.Name, StringComparison.Ordinal)).Select(j => (j.About, j.Value)).ToList();
        known.AddRange(_stored.Value.Firing.Where(f => string.Equals(f.Alert, alert.Name, StringComparison.Ordinal) && !known.Exists(k => string.Equals(k.About, f.About, StringComparison.Ordinal))).Select(f => (f.About, (double?)null)));
        return known.Count == 0 ? [("", null)] : known;
    }
}
