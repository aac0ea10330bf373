using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The way of a checked revision: store → prepare → (in a strict workspace hold →) commit, then the barrier. It promises that nothing is activated anywhere before the commit, and that a passed
/// barrier means that no edge admits under an older head. The moves are those of <see cref="HeadMoves"/>; the protocol is described in docs/reload.md.
/// </summary>
internal sealed class Publishing(RevisionStore store, IFleetBarrierGrain fleet, TimeSpan wait, TimeProvider time, ILogger log)
{
    // What a call takes besides what it waits for.
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PrepareBound = TimeSpan.FromSeconds(15);
    private const int MostAttempts = 3;

    /// <summary>Brings a revision up to the commit: the head that it made, or why it was refused. <see cref="RevisionStore.Head"/> is the row, in which later ones may have been made already.</summary>
    /// <exception cref="InconsistentStateException">Another activation came first, or it is not known what became of the commit.</exception>
    public async Task<(Head? Made, PublishOutcome? Refused)> CommitAsync(Revision revision, bool isStrict, string? publishId, PhaseTimes phases)
    {
        var (number, hash) = (revision.Info.Number, revision.Info.Hash);
        if (HeadMoves.IsQuarantined(store.Head, hash))
        {
            return (null, new PublishOutcome.Refused(hash, "", new EdgeRefusal("quarantined", "", "an edge refused this very body before: change what it cannot run")));
        }

        var id = publishId ?? Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        for (var attempt = 1; ; attempt++)
        {
            await store.ClaimAsync();
            var audit = AuditChain.Hash(store.Head.Audit, revision.Info);

            // Edges fetch the candidate from the catalog's memory: it need not be stored before they prepare it, only before it is committed.
            var storing = store.StoreAsync(revision, audit);
            var report = await PrepareAsync(new CandidateKey(number, hash), isStrict);
            phases.End("prepare");
            await storing;
            phases.End("store");
            if (report?.Refusal is { } refusal)
            {
                await store.QuarantineAsync(hash);
                return (null, new PublishOutcome.Refused(hash, report.Edge ?? "", refusal));
            }

            var commit = new Commit(store.Head.Term, number, hash, id, audit);
            if (!isStrict)
            {
                var committed = await store.CommitAsync(commit);
                phases.End("commit");
                return (committed ?? throw Overtaken(number), null);
            }

            if (report is { Unready: { IsDefaultOrEmpty: false } unready })
            {
                // Committed, they would hold requests until they have what they lack.
                return (null, new PublishOutcome.Unheld(unready));
            }

            if (await CommitHeldAsync(commit, phases) is not { } failed)
            {
                return (new Head(commit.Term, number, hash), null);
            }

            if (store.Head.Revision >= number)
            {
                throw Overtaken(number);
            }

            // Where none holds, edges were waited for in vain; else one may have gone or come meanwhile, and the next attempt waits for it.
            if (attempt == MostAttempts || (failed.Held.IsEmpty && !failed.Missing.IsEmpty))
            {
                return (null, new PublishOutcome.Unheld(failed.Missing));
            }
        }
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

    private static InconsistentStateException Overtaken(long number) => new($"Revision {number} was published by another activation.");

    // Null: it is committed, of a row all of whose edges hold for it. Else it never will be, and those who held are let go.
    private async Task<HoldReport?> CommitHeldAsync(Commit commit, PhaseTimes phases)
    {
        var candidate = new Head(commit.Term, commit.Number, commit.Hash);
        var report = await HoldAsync(candidate);
        phases.End("hold");
        if (report.Missing.IsEmpty && await store.CommitAsync(commit with { Held = [.. report.Held] }) is not null)
        {
            phases.End("commit");

            // Edges are told at once, also where nobody waits for the barrier: they hold until they hear of it.
            fleet.ActivateAsync(candidate, []).Ignore();
            return null;
        }

        log.LogWarning("Revision {Number} could not be committed while every edge holds for it; these do not: {Edges}", commit.Number, string.Join(", ", report.Missing));
        try
        {
            await fleet.AsReference<IFleetGrain>().ReleaseAsync(candidate).WaitAsync(CallBound, time);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Edges that hold for revision {Number} could not be let go; they ask by themselves.", commit.Number);
        }

        await store.RefreshAsync();
        return HeadMoves.Commit(store.Head, commit) is CommitStep.Committed ? null : report;
    }

    private async Task<HoldReport> HoldAsync(Head candidate)
    {
        if (store.Head.Edges.IsEmpty)
        {
            return new HoldReport([], []);
        }

        try
        {
            return await fleet.HoldAsync(candidate).WaitAsync(PrepareBound, time);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "No edge could be asked to hold for revision {Number}.", candidate.Revision);
            return new HoldReport([], [.. store.Head.Edges.Keys]);
        }
    }

    // An edge that cannot be asked holds nothing up: the barrier waits for its lease.
    private async Task<PrepareReport?> PrepareAsync(CandidateKey candidate, bool waitForSilent)
    {
        if (store.Head.Edges.IsEmpty)
        {
            return null;
        }

        try
        {
            return await fleet.PrepareAsync(candidate, waitForSilent).WaitAsync(PrepareBound, time);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Candidate {Number} could not be prepared on edges before its commit.", candidate.Number);
            return null;
        }
    }
}
