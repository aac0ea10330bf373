using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.KnownGood;

/// <summary>A revision with all that an edge needs to run it without asking anyone. Holds secrets in clear: sealed before it is written.</summary>
/// <param name="Head">Term, number and hash.</param>
/// <param name="Resources">All resources, ordered by kind, then name.</param>
/// <param name="Secrets">The secrets that its providers need, in clear: memory only.</param>
public sealed record KnownGoodRecord(Head Head, ImmutableArray<ResourceBody> Resources, ImmutableDictionary<string, OpenedSecret> Secrets)
{
    public override string ToString() => $"revision {Head.Revision}, {Resources.Length} resources";
}
