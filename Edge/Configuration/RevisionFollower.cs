using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.KnownGood;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Keeps the active revision at the head. Whoever learns of a change pokes; any number of pokes while one load runs make one more load, of the
/// newest head. A revision that cannot be loaded leaves the active one in place and is told as <see cref="Fault"/>. See docs/reload.md.
/// </summary>
public sealed class RevisionFollower(
    IClusterClient cluster, EdgeOptions options, ActiveRevision active, RevisionLoader loader, Preparation preparation, KnownGoodKeeper keeper, EdgeMeter meter, TimeProvider time, ILogger<RevisionFollower> log)
    : BackgroundService
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);
    private readonly Channel<bool> _pokes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Head? _refused;
    private Head? _told;
    private string? _fault;

    /// <summary>Why the head is not active, or which credentials of the active revision are missing; null: all is well.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>There may be a newer head.</summary>
    public void Poke() => _pokes.Writer.TryWrite(true);

    /// <summary>A committed head was told: pokes where it is newer than the active revision and not one that was refused.</summary>
    public void Offer(Head head)
    {
        if ((active.Head is not { } current || HeadOrder.IsAfter(head, current)) && head != Volatile.Read(ref _refused))
        {
            Volatile.Write(ref _told, head);
            Poke();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3), time);
        while (await _pokes.Reader.WaitToReadAsync(stoppingToken))
        {
            _pokes.Reader.TryRead(out _);
            try
            {
                await LoadHeadAsync(stoppingToken);
                backoff.Reset();
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                meter.Activated("failed");
                log.LogWarning("The head could not be loaded and is tried again: {Reason}", failure.Message);
                await backoff.WaitAsync(stoppingToken);
                Poke();
            }
        }
    }

    private async Task LoadHeadAsync(CancellationToken cancellation)
    {
        // A head that was told is a committed one; without it the catalog is asked.
        var head = Interlocked.Exchange(ref _told, null)
            ?? await cluster.GetGrain<IEdgeCatalogGrain>(options.Workspace).GetHeadAsync().WaitAsync(CallBound, time, cancellation);
        if ((active.Head is { } current && !HeadOrder.IsAfter(head, current)) || head == _refused)
        {
            return;
        }

        var asked = time.GetTimestamp();
        var (revision, fault, _) = Ready(head) ?? await loader.LoadAsync(head, isCandidate: false, cancellation);
        Volatile.Write(ref _fault, fault);
        if (revision is null)
        {
            Volatile.Write(ref _refused, head);
            meter.Activated("refused");
            log.LogError("A revision was refused, {Active} stays active: {Fault}", active.Current?.Label ?? "none", fault);
            return;
        }

        if (fault is not null)
        {
            log.LogWarning("Credentials or certificates are missing: {Fault}", fault);
        }

        keeper.Begin(head);
        if (active.TryActivate(revision))
        {
            meter.Activated("activated");
            log.LogInformation("Activated {Revision} in {Elapsed} ms", revision.Label, (long)time.GetElapsedTime(asked).TotalMilliseconds);
        }
    }

    // What was prepared, or what runs already under a head of an earlier term.
    private LoadResult? Ready(Head head) => preparation.Take(head)
        ?? (active.Current is { } current && current.Head.Revision == head.Revision && string.Equals(current.Head.Hash, head.Hash, StringComparison.Ordinal)
            ? new LoadResult(current with { Head = head }, Fault, null)
            : null);
}
