using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>The ledger of attempts: batches as they are stored, and the activation that takes them.</summary>
internal sealed class UsageAccount
{
    private readonly AccountingWorld _world;

    public UsageAccount(AccountingWorld world)
    {
        (_world, Storage) = (world, new SimulatedStorage<ImmutableArray<UsageBatch>>(world.Simulator, []));
        Active = new SimulatedUsage(world, Storage);
    }

    public SimulatedStorage<ImmutableArray<UsageBatch>> Storage { get; }

    public SimulatedUsage Active { get; private set; }

    /// <summary>The activation is lost, and another one takes its place.</summary>
    public void Replace()
    {
        Active.Node.Kill();
        Active = new SimulatedUsage(_world, Storage);
    }
}

/// <summary>One activation of a day's usage: the real rules of what is new of a batch over simulated storage. As the grain does it, without Orleans.</summary>
internal sealed class SimulatedUsage(AccountingWorld world, SimulatedStorage<ImmutableArray<UsageBatch>> storage)
{
    private readonly GrainTurns _turns = new();
    private (DayRollup Rollup, ImmutableArray<UsageBatch> Rows, long ETag)? _known;

    public SimulatedNode Node { get; } = world.NewNode("usage");

    /// <summary>Null: it failed, and the caller hears nothing.</summary>
    public Task<string?> RecordAsync(UsageBatch batch) => _turns.RunAsync(async () =>
    {
        var (rollup, rows, etag) = _known ?? await ReadAsync();
        if (rollup.NewOf(batch) is not { } fresh)
        {
            if (world.Variant is not AccountingVariant.RepeatedBatchesCount)
            {
                return "";
            }

            fresh = batch;
        }

        if (await storage.SwapAsync(Node, etag, rows.Add(fresh)) is not SwapResult.Done)
        {
            _known = null;
            return null;
        }

        rollup.Take(fresh);
        _known = (rollup, rows.Add(fresh), etag + 1);
        return "";
    });

    private async Task<(DayRollup Rollup, ImmutableArray<UsageBatch> Rows, long ETag)> ReadAsync()
    {
        var (rows, etag) = await storage.ReadAsync(Node);
        var rollup = new DayRollup(new StoredDay());
        foreach (var batch in rows)
        {
            rollup.Take(batch);
        }

        return (rollup, rows, etag);
    }
}
