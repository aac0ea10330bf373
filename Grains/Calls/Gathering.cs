using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;

namespace Sluice.Grains.Calls;

/// <summary>What edges have told of one gathering. Parts may come late, doubled, in any order and from edges that were not asked. For use within one grain's turns.</summary>
public sealed class Gathering(long number)
{
    private const int MostParts = 100;

    private readonly Dictionary<string, Dictionary<int, CallBatch>> _told = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<string>? _awaited;

    /// <summary>Ends when all edges that are awaited have told all.</summary>
    public Task Complete => _complete.Task;

    /// <summary>These edges are to tell their calls.</summary>
    public void Await(ImmutableArray<string> edges)
    {
        _awaited = edges;
        Look();
    }

    /// <summary>Takes a part; one of another gathering is dropped.</summary>
    public void Take(CallBatch batch)
    {
        if (batch.Wanted != number || batch.Part is < 0 or >= MostParts)
        {
            return;
        }

        if (!_told.TryGetValue(batch.Edge, out var parts))
        {
            _told.Add(batch.Edge, parts = []);
        }

        parts.TryAdd(batch.Part, batch);
        Look();
    }

    /// <summary>What was told until now, of the edges that are awaited.</summary>
    public GatheredCalls Result()
    {
        var whole = (_awaited ?? []).Where(IsWhole).ToImmutableArray();
        return new GatheredCalls(
            [.. whole.Select(edge => new EdgeCalls(edge, _told[edge][0].Sum, [.. _told[edge].OrderBy(p => p.Key).SelectMany(p => p.Value.Calls)], _told[edge][0].Targets))],
            [.. (_awaited ?? []).Except(whole, StringComparer.Ordinal)]);
    }

    private void Look()
    {
        if (_awaited is { } edges && edges.All(IsWhole))
        {
            _complete.TrySetResult();
        }
    }

    private bool IsWhole(string edge) =>
        _told.TryGetValue(edge, out var parts) && parts.Values.FirstOrDefault(p => p.IsLast) is { } last && Enumerable.Range(0, last.Part).All(parts.ContainsKey);
}
