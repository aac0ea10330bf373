using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Sluice.Edge.Caching;
using Sluice.Edge.Identity;
using Sluice.Edge.Rollouts;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Applies the workspace's changes to this edge in their order. The stream is the fast way; every renewal tells the last number, and what the stream
/// did not bring is asked of the change log. See docs/reload.md, "The stream and the lease".
/// </summary>
public sealed class ChangeFeed(
    IClusterClient cluster, EdgeOptions options, RevisionFollower follower, KeyCache keys, AnswerStores answers, WatchedSplits splits, ActiveRevision active, TimeProvider time, ILogger<ChangeFeed> log)
    : BackgroundService
{
    private const int PageSize = 500;
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);

    // Beyond the bound the oldest news are dropped: a gap, which the log fills.
    private readonly Channel<News> _news = Channel.CreateBounded<News>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private ChangeSequence? _sequence;
    private StreamSubscriptionHandle<Change>? _subscription;

    /// <summary>What a stream or a renewal told.</summary>
    /// <param name="Change">From the stream; null: from a renewal.</param>
    /// <param name="Last">From a renewal: the number of the last change.</param>
    /// <param name="Anew">Whether the stream must be subscribed anew.</param>
    /// <param name="IsHint">Told between renewals: says nothing of whether the stream works.</param>
    private readonly record struct News(Change? Change, long Last, bool Anew, bool IsHint = false);

    /// <summary>Begins after a registration: nothing was learned from changes up to <paramref name="last"/>.</summary>
    public void Begin(long last) => _news.Writer.TryWrite(new News(null, last, Anew: false));

    /// <summary>A renewal told the last change's number.</summary>
    /// <param name="last">The number.</param>
    /// <param name="reconnected">Renewals before this one had failed: the subscription may be gone.</param>
    public void Offer(long last, bool reconnected) => _news.Writer.TryWrite(new News(null, last, reconnected));

    /// <summary>The fleet told the last change's number, sooner than a renewal would.</summary>
    public void Offer(long last) => _news.Writer.TryWrite(new News(null, last, Anew: false, IsHint: true));

    /// <summary>Subscribes to the stream; where it is subscribed, ends that subscription first.</summary>
    public async Task SubscribeAsync(CancellationToken cancellation)
    {
        await UnsubscribeAsync(cancellation);
        var stream = cluster.GetStreamProvider(ChangeStream.Provider)
            .GetStream<Change>(StreamId.Create(ChangeStream.Namespace, options.Workspace));
        _subscription = await stream.SubscribeAsync((change, _) =>
        {
            _news.Writer.TryWrite(new News(change, 0, Anew: false));
            return Task.CompletedTask;
        }).WaitAsync(CallBound, time, cancellation);
    }

    /// <summary>Ends the subscription, so that none of a stopped edge is left behind. One of a killed edge is removed by the first event that finds it gone.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await UnsubscribeAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var news in _news.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await TakeAsync(news, stoppingToken);

                // After it was applied: what the edge says it has applied, it has.
                active.Applied(_sequence?.Last ?? 0);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The next renewal tells the last number again.
                log.LogWarning("Changes could not be read and are asked for again: {Reason}", failure.Message);
            }
        }
    }

    private async Task TakeAsync(News news, CancellationToken cancellation)
    {
        if (_sequence is not { } sequence)
        {
            if (news.Change is { } early)
            {
                // Before the registration's answer was taken in: counted as seen by nobody, so the next renewal brings it again.
                Apply(early);
            }
            else if (!news.IsHint)
            {
                _sequence = new ChangeSequence(news.Last);
                follower.Poke();
            }

            return;
        }

        if (news.Change is { } change)
        {
            // A change by itself does no harm out of order: it only makes the edge forget or look.
            Apply(change);
            if (sequence.Stream(change.Number) == ChangeStep.Gap)
            {
                await CatchUpAsync(sequence, cancellation);
            }

            return;
        }

        var lost = !news.IsHint && sequence.StreamIsLost(news.Last);
        if (sequence.IsBehind(news.Last))
        {
            await CatchUpAsync(sequence, cancellation);
        }

        if (lost || news.Anew)
        {
            log.LogInformation("Subscribing anew to changes: {Reason}", news.Anew ? "renewals had failed" : "the stream lost a change");
            await SubscribeAsync(cancellation);
        }
    }

    private async Task CatchUpAsync(ChangeSequence sequence, CancellationToken cancellation)
    {
        ChangePage page;
        do
        {
            page = await cluster.GetGrain<IEdgeChangeLogGrain>(options.Workspace).SinceAsync(sequence.Last, PageSize)
                .WaitAsync(CallBound, time, cancellation);
            if (!page.Complete)
            {
                keys.ForgetAll();
                answers.ForgetAll();
                splits.Poke();
                follower.Poke();
                sequence.CaughtUp(page.Last);
                return;
            }

            foreach (var change in page.Changes)
            {
                Apply(change);
                sequence.CaughtUp(change.Number);
            }
        }
        while (!page.Changes.IsEmpty && sequence.IsBehind(page.Last));
    }

    private void Apply(Change change)
    {
        switch (change.Kind)
        {
            case ChangeKind.RevisionActivated:
                follower.Poke();
                break;
            case ChangeKind.KeyChanged when change.KeyHash is { } hash:
                keys.ForgetKey(hash);
                break;
            case ChangeKind.KeyChanged or ChangeKind.SubscriptionRequested or ChangeKind.SubscriptionApproved or ChangeKind.SubscriptionRejected or ChangeKind.SubscriptionWithdrawn:
                keys.ForgetTenant(change.Subject.Split('/')[0]);
                break;
            case ChangeKind.TenantChanged:
                keys.ForgetTenant(change.Subject);
                break;
            case ChangeKind.CachePurged:
                answers.Purge(change.Number, CachePurge.Of(change.Subject));
                break;
            case ChangeKind.Rollout:
                splits.Poke();
                break;
            default:
                break;
        }
    }

    private async Task UnsubscribeAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _subscription, null) is { } subscription)
        {
            try
            {
                await subscription.UnsubscribeAsync().WaitAsync(CallBound, time, cancellation);
            }
            catch (Exception failure)
            {
                log.LogDebug("A subscription could not be ended; the first event that finds it gone will: {Reason}", failure.Message);
            }
        }
    }
}
