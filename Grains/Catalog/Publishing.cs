using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The way of a checked revision: store → prepare → commit, then the barrier. It promises that nothing is activated anywhere before the commit, and that a passed
/// barrier means that no edge admits under an older head. The moves are those of <see cref="HeadMoves"/>; the protocol is described in docs/reload.md.
/// </summary>
internal sealed class Publishing(RevisionStore store, IFleetBarrierGrain fleet, TimeSpan wait, TimeProvider time, ILogger log)
{
    // What a call takes besides what it waits for.
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PrepareBound = TimeSpan.FromSeconds(15);

    /// <summary>Brings a revision up to the commit. Null: it is committed, and <see cref="RevisionStore.Head"/> is the row.</summary>
    /// <exception cref="InconsistentStateException">Another activation came first, or it is not known what became of the commit.</exception>
    public async Task<PublishOutcome.Refused?> CommitAsync(Revision revision, string? publishId, PhaseTimes phases)
    {
        var (number, hash) = (revision.Info.Number, revision.Info.Hash);
        if (HeadMoves.IsQuarantined(store.Head, hash))
        {
            return new PublishOutcome.Refused(hash, "", new EdgeRefusal("quarantined", "", "an edge refused this very body before: change what it cannot run"));
        }

        await store.ClaimAsync();
        var audit = AuditChain.Hash(store.Head.Audit, revision.Info);
        await store.StoreAsync(revision, audit);
        phases.End("store");
        var report = await PrepareAsync(new CandidateKey(number, hash));
        phases.End("prepare");
        if (report?.Refusal is { } refusal)
        {
            await store.QuarantineAsync(hash);
            return new PublishOutcome.Refused(hash, report.Edge ?? "", refusal);
        }

        var committed = await store.CommitAsync(new Commit(store.Head.Term, number, hash, publishId ?? Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), audit));
        phases.End("commit");
        return committed is not null ? null : throw new InconsistentStateException($"Revision {revision.Info.Number} was published by another activation.");
    }

    /// <summary>Ends when every edge of the row runs its head, or holds no lease from before it was swapped in.</summary>
    public async Task<BarrierReport> PassAsync(HeadRow row)
    {
        if (row.Edges.IsEmpty)
        {
            return new BarrierReport(BarrierState.Complete, 0, []);
        }

        var start = time.GetTimestamp();
        try
        {
            return await fleet.ActivateAsync(HeadMoves.HeadOf(row), [.. row.Edges.Keys]).WaitAsync(wait + CallBound, time);
        }
        catch (Exception e)
        {
            // Nobody can say who activated, so the leases of all are waited for.
            log.LogWarning(e, "The fleet did not answer; every lease from before revision {Revision} is waited for.", row.Revision);
            if (wait - time.GetElapsedTime(start) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, time);
            }

            return new BarrierReport(BarrierState.Partial, 0, [.. row.Edges.Keys]);
        }
    }

    // An edge that cannot be asked holds nothing up: the barrier waits for its lease.
    private async Task<PrepareReport?> PrepareAsync(CandidateKey candidate)
    {
        if (store.Head.Edges.IsEmpty)
        {
            return null;
        }

        try
        {
            return await fleet.PrepareAsync(candidate).WaitAsync(PrepareBound, time);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Candidate {Number} could not be prepared on edges before its commit.", candidate.Number);
            return null;
        }
    }
}
