using System.Text.Json.Nodes;

namespace Sluice.Grains;

/// <summary>
/// The stored states whose layout is not the first one any more. A new member that may be absent needs no version; what renames, removes or gives another meaning
/// does: then the state's type stands here with the version that is written, and a step from every other version that may be found (docs/upgrades.md).
/// </summary>
public static class StoredLayouts
{
    /// <summary>Type, version that is written, and by their versions what brings other records one version nearer to it.</summary>
    public static IReadOnlyList<(Type Type, int Version, IReadOnlyDictionary<int, Func<JsonObject, JsonObject>> Steps)> All { get; } = [];
}
