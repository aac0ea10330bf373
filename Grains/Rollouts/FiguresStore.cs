using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>A rollout's figures, written through and gathered: a batch that was answered is durable. For use within one grain's turns.</summary>
internal sealed class FiguresStore(Durable<StoredFigures> stored)
{
    private static readonly StoredFigures None = new();

    private readonly Gathered<StoredFigures> _figures = new(stored);

    /// <summary>What was counted and stored at a step; always the same object for the same figures.</summary>
    public StoredFigures At(int step) => _figures.Value.Step == step ? _figures.Value : None;

    /// <summary>Counts a batch; when this returns it is on the disk.</summary>
    /// <param name="batch">From an edge.</param>
    /// <param name="isWhole">Whether the old part gets nothing at the batch's step.</param>
    public Task CountAsync(FiguresBatch batch, bool isWhole) => _figures.ChangeAsync(before => before.With(batch, isWhole));
}
