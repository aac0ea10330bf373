namespace Sluice.Tests.Chaos.Reload;

/// <summary>What a cluster is made of.</summary>
/// <param name="Silos">How many.</param>
/// <param name="Edges">How many.</param>
/// <param name="Settings">Environment variables of all processes: where state and membership rest.</param>
/// <param name="OfSilos">More of them for silos.</param>
/// <param name="OfEdges">More of them for each edge, by its place.</param>
internal sealed record ClusterPlan(
    int Silos,
    int Edges,
    IReadOnlyDictionary<string, string>? Settings = null,
    IReadOnlyDictionary<string, string>? OfSilos = null,
    IReadOnlyDictionary<int, IReadOnlyDictionary<string, string>>? OfEdges = null)
{
    /// <summary>All variables of a silo.</summary>
    public IReadOnlyDictionary<string, string> ForSilos => Join(OfSilos);

    /// <summary>All variables of an edge.</summary>
    public IReadOnlyDictionary<string, string> ForEdge(int place) => Join(OfEdges?.GetValueOrDefault(place));

    private Dictionary<string, string> Join(IReadOnlyDictionary<string, string>? more) => new((Settings ?? Nothing).Concat(more ?? Nothing), StringComparer.Ordinal);

    private static Dictionary<string, string> Nothing { get; } = [];
}
