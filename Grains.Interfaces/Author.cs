namespace Sluice.Grains.Interfaces;

/// <summary>Who changed something, and from where: written into revisions, changes and the audit.</summary>
/// <param name="Name">The admin key's name, <c>bootstrap</c>, <c>system</c>, or a source: <c>folder:base</c>.</param>
/// <param name="Via">The way in: <c>api</c>, <c>cli</c>, <c>console</c>, <c>rollout</c>, <c>system</c>, <c>folder</c>, <c>git</c>.</param>
/// <param name="From">The caller's network address, of a source the silo that reads it, or empty for the system itself.</param>
[GenerateSerializer, Immutable, Alias("sluice.author")]
public sealed record Author([property: Id(0)] string Name, [property: Id(1)] string Via, [property: Id(2)] string From)
{
    /// <summary>Sluice itself, at a first start for example.</summary>
    public static Author System { get; } = new("system", "system", "");
}
