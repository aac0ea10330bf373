using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>The edges of one test, over budgets that it scripts.</summary>
internal sealed class MeteredEdges(FakeTimeProvider time) : IAsyncDisposable
{
    private readonly List<MeteredEdge> _edges = [];
    private readonly Dictionary<string, ScriptedBudget> _budgets = new(StringComparer.Ordinal);

    /// <summary>A budget of every subject, by its declared name.</summary>
    public ScriptedBudget Budget(string name, long limit) => _budgets[name] = new ScriptedBudget(limit);

    /// <summary>An edge over these budgets.</summary>
    public MeteredEdge Edge() => Edge((_, key) => _budgets[key.Split('|')[1]]);

    /// <summary>An edge over other grains.</summary>
    public MeteredEdge Edge(Func<Type, string, object> grains)
    {
        var edge = new MeteredEdge(time, grains);
        _edges.Add(edge);
        return edge;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in _edges)
        {
            await edge.DisposeAsync();
        }
    }
}
