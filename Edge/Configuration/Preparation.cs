using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Prepares candidates beside the active revision: fetched, checked against their hash, compiled, secrets opened; then answers the fleet, PREPARED or REFUSED
/// with the reason. What is prepared is never activated here: that takes a committed head. See docs/reload.md.
/// </summary>
public sealed class Preparation(IClusterClient cluster, EdgeStart start, RevisionLoader loader, EdgeMeter meter, TimeProvider time, ILogger<Preparation> log)
    : BackgroundService
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(2);

    // Only the newest candidate matters.
    private readonly Channel<CandidateKey> _candidates = Channel.CreateBounded<CandidateKey>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private LoadResult? _prepared;

    /// <summary>There is a candidate.</summary>
    public void Offer(CandidateKey candidate) => _candidates.Writer.TryWrite(candidate);

    /// <summary>The prepared revision of a head, if it is this one that was prepared last; it bears that head.</summary>
    public LoadResult? Take(Head head) =>
        Volatile.Read(ref _prepared) is { Revision: { } revision } prepared
        && revision.Head.Revision == head.Revision && string.Equals(revision.Head.Hash, head.Hash, StringComparison.Ordinal)
            ? prepared with { Revision = revision with { Head = head } }
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var candidate in _candidates.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await PrepareAsync(candidate, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Neither prepared nor refused: the publisher does not wait for an edge that cannot answer.
                meter.Prepared("failed");
                log.LogWarning("Candidate {Number} could not be prepared: {Reason}", candidate.Number, failure.Message);
            }
        }
    }

    private async Task PrepareAsync(CandidateKey candidate, CancellationToken cancellation)
    {
        // It may be told again: the answer was lost, or its publish is made once more.
        var head = new Head(0, candidate.Number, candidate.Hash);
        var loaded = Take(head) ?? await loader.LoadAsync(head, isCandidate: true, cancellation);
        if (loaded.Revision is not null)
        {
            Volatile.Write(ref _prepared, loaded);
        }
        else
        {
            log.LogWarning("Candidate {Number} is refused: {Fault}", candidate.Number, loaded.Fault);
        }

        meter.Prepared(loaded.Revision is not null ? "prepared" : "refused");
        await cluster.GetGrain<IEdgeFleetGrain>(start.Workspace).PreparedAsync(start.Id, candidate.Hash, loaded.Refusal).WaitAsync(CallBound, time, cancellation);
    }
}
