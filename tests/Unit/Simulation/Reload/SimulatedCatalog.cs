using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>One activation of the catalog: the real moves of the head over simulated storage. As the grain does it, without Orleans.</summary>
internal sealed class SimulatedCatalog(ReloadWorld world, SimulatedNode node)
{
    private static readonly TimeSpan PrepareBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HoldBound = TimeSpan.FromSeconds(7.6);
    private const int MostTries = 6;
    private const int MostAttempts = 4;
    private Task _turn = Task.CompletedTask;
    private long _term = -1;

    public SimulatedNode Node => node;

    /// <summary>The revision that a publish made, once the barrier is passed; 0: refused or given up.</summary>
    public async Task<long> PublishAsync(string id, string hash)
    {
        var (before, end) = (_turn, new TaskCompletionSource());
        _turn = end.Task;
        await before;
        Done? committed;
        try
        {
            committed = await CommitAsync(id, hash);
        }
        finally
        {
            end.SetResult();
        }

        if (committed is not { } done)
        {
            return 0;
        }

        world.Told(node, done.Head);
        if (world.Variant is not ReloadVariant.ReturnOnCommit)
        {
            await BarrierAsync(new Reached(done.Head, 0), done.Edges);
        }

        return done.Revision;
    }

    private async Task<Done?> CommitAsync(string id, string hash)
    {
        for (var attempts = 0; attempts < MostAttempts; attempts++)
        {
            var (row, etag) = await world.Storage.ReadAsync(node);
            if (HeadMoves.Find(row, id) is { } known)
            {
                return new Done(known.Revision, HeadMoves.HeadOf(row), [.. row.Edges.Keys]);
            }

            if (HeadMoves.IsQuarantined(row, hash) || !await ClaimAsync(row, etag))
            {
                return null;
            }

            var candidate = new Head(_term, row.Revision + 1, hash);
            var fleet = world.AnyFleet();
            var prepared = await world.Network.CallAsync(node, fleet.Node, () => fleet.PrepareAsync(candidate), PrepareBound);
            if (prepared is { Came: true, Value: false })
            {
                await QuarantineAsync(hash);
                return null;
            }

            var commit = new Commit(_term, candidate.Revision, hash, id, "");
            if (!IsStrict(row.Hash, hash))
            {
                return await SwapInAsync(commit);
            }

            var held = await world.Network.CallAsync(node, fleet.Node, () => fleet.HoldAsync(candidate), HoldBound);
            if (held is { Came: true, Value: { } edges } && await SwapInAsync(commit with { Held = Counted(edges) }) is { } done)
            {
                return done;
            }

            world.Simulator.Note("unheld", id, candidate.Revision);
            await world.Network.CallAsync(node, fleet.Node, () => fleet.ReleaseAsync(candidate), PrepareBound);
            if (held.Value is null)
            {
                // What was waited for is not to be had now.
                return null;
            }
        }

        return null;
    }

    private async Task<bool> ClaimAsync(HeadRow row, long etag)
    {
        if (row.Term != _term)
        {
            var claimed = HeadMoves.Claim(row);
            if (await world.Storage.SwapAsync(node, etag, claimed) is not SwapResult.Done)
            {
                return false;
            }

            _term = claimed.Term;
        }

        return true;
    }

    private bool IsStrict(string before, string candidate) => ReloadWorld.IsStrict(candidate)
        || (ReloadWorld.IsStrict(before) && world.Variant is not ReloadVariant.StrictByCandidateAlone);

    private ImmutableHashSet<string>? Counted(string[] held) => world.Variant is ReloadVariant.CommitThoughNotAllHold or ReloadVariant.CommitThoughOthersJoined ? null : [.. held];

    private async Task<Done?> SwapInAsync(Commit commit)
    {
        var (row, etag) = await world.Storage.ReadAsync(node);
        for (var tries = 0; tries < MostTries; tries++)
        {
            switch (HeadMoves.Commit(row, commit))
            {
                case CommitStep.Committed done:
                    return new Done(commit.Number, HeadMoves.HeadOf(done.Row), [.. done.Row.Edges.Keys]);
                case CommitStep.Swap swap when await world.Storage.SwapAsync(node, etag, swap.Next) is SwapResult.Done:
                    world.Committed(commit);
                    return new Done(commit.Number, HeadMoves.HeadOf(swap.Next), [.. swap.Next.Edges.Keys]);
                case CommitStep.Swap when world.Variant is ReloadVariant.CommitAgainWithoutLooking:
                    (row, etag) = await world.Storage.ReadAsync(node);
                    commit = commit with { Number = row.Revision + 1, PublishId = $"{commit.PublishId}'" };
                    break;
                case CommitStep.Swap:
                    (row, etag) = await world.Storage.ReadAsync(node);
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private async Task QuarantineAsync(string hash)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var (row, etag) = await world.Storage.ReadAsync(node);
            if (HeadMoves.IsQuarantined(row, hash) || await world.Storage.SwapAsync(node, etag, HeadMoves.Quarantine(row, hash)) is SwapResult.Done)
            {
                return;
            }
        }
    }

    private async Task BarrierAsync(Reached wanted, string[] edges)
    {
        var fleet = world.AnyFleet();
        var bound = world.Terms.Wait * 1.2;

        // Without an answer it has waited longer than any lease lasts.
        var passed = await world.Network.CallAsync(node, fleet.Node, () => fleet.BarrierAsync(wanted, edges), bound);
        world.Simulator.Note(passed.Came ? "passed" : "waited", node.Name, wanted.Head.Revision);
    }

    /// <summary>A committed publish: its revision, and what the barrier waits for.</summary>
    private sealed record Done(long Revision, Head Head, string[] Edges);
}
