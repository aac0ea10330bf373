using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.KnownGood;

/// <summary>
/// Keeps each revision that this edge runs in a sealed file, and begins with the last one, so that an edge which starts while no silo answers serves, each answer
/// marked as stale. A revision in whose first seconds the edge died twice is not run again. See docs/reload.md.
/// </summary>
public sealed class KnownGoodKeeper(
    EdgeOptions options, ActiveRevision active, RevisionLoader loader, SuspectRevisions suspects, EdgeMeter meter, TimeProvider time, ILogger<KnownGoodKeeper> log, KnownGoodPlace? place = null)
    : BackgroundService
{
    private const int MostDeaths = 2;

    /// <summary>An edge that has run a revision for so long is well with it.</summary>
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Of revisions that follow on each other faster than this the last one is written: a large one takes its time, which the others of the machine would lack for theirs.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly KnownGoodFolder? _folder = place is null ? null : new KnownGoodFolder(place);
    private readonly Lock _gate = new();
    private Applying? _applying;
    private long _appliedAt;
    private Head? _saved;
    private bool _failed;

    /// <summary>Begins with what is kept, before anything is served.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_folder is not null)
        {
            Suspect(_folder);
            await ResumeAsync(_folder, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>A good end is no death.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Unmark();
    }

    /// <summary>A revision is about to be swapped in.</summary>
    public void Begin(Head head)
    {
        if (_folder is null)
        {
            return;
        }

        lock (_gate)
        {
            _applying = string.Equals(_applying?.Hash, head.Hash, StringComparison.Ordinal) ? _applying : new Applying(head.Hash, 0);
            _appliedAt = time.GetTimestamp();
            Try(() => _folder.Mark(_applying!));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_folder is not null)
        {
            var advanced = active.Advanced;
            Keep(_folder);
            await advanced.WaitAsync(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private void Keep(KnownGoodFolder folder)
    {
        if (active.Current is { } revision && active.Head is { } head && head == revision.Head)
        {
            if (_saved != head)
            {
                var written = Try(() => folder.Save(new KnownGoodRecord(head, revision.Compilation.Resources, revision.Secrets)));
                meter.Kept(written);
                _saved = written ? head : _saved;
            }

            if (_saved == head && active.Holds)
            {
                Try(() => folder.Touch(head, time.GetUtcNow()));
            }
        }

        lock (_gate)
        {
            if (_applying is null || time.GetElapsedTime(_appliedAt) < Healthy)
            {
                return;
            }
        }

        Unmark();
    }

    private void Unmark()
    {
        lock (_gate)
        {
            if (_folder is not null && Try(_folder.Unmark))
            {
                _applying = null;
            }
        }
    }

    private void Suspect(KnownGoodFolder folder)
    {
        if (folder.Marked() is not { } marked)
        {
            return;
        }

        _applying = marked with { Deaths = marked.Deaths + 1 };
        _appliedAt = time.GetTimestamp();
        Try(() => folder.Mark(_applying));
        if (_applying.Deaths >= MostDeaths)
        {
            suspects.Add(marked.Hash, $"this edge died {_applying.Deaths} times within {Healthy.TotalSeconds:0} s of activating it");
            log.LogError("A revision is not run again: this edge died {Deaths} times in its first seconds: {Hash}", _applying.Deaths, marked.Hash);
        }
    }

    private async Task ResumeAsync(KnownGoodFolder folder, CancellationToken cancellation)
    {
        foreach (var (record, goodUntil) in folder.Load((file, reason) => log.LogWarning("{File} is passed over: {Reason}", file, reason)))
        {
            var (revision, fault, _) = await loader.BuildAsync(record, cancellation);
            if (revision is null)
            {
                log.LogWarning("A kept revision is passed over: {Fault}", fault);
                continue;
            }

            var age = time.GetUtcNow() - goodUntil is { Ticks: > 0 } past ? past : TimeSpan.Zero;
            if (!StaleServing.Allows(options, revision.Plan.Workspace, age))
            {
                log.LogInformation("{Revision} is kept on disk, and is not to be served before a silo confirms it", revision.Label);
                return;
            }

            active.Resume(revision, age);
            log.LogWarning("Begins with {Revision}, which was kept on disk; answers are marked as stale until a silo confirms it", revision.Label);
            return;
        }
    }

    // Serving goes on whatever the disk does.
    private bool Try(Action write)
    {
        try
        {
            write();
            _failed = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failed)
            {
                log.LogWarning("What this edge runs cannot be kept in {Folder}: it could not start without a silo: {Reason}", place, e.Message);
            }

            _failed = true;
            return false;
        }
    }
}
