using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>A set of models and routes, at least one, for which limits and budgets count together.</summary>
/// <param name="Models">Names of <c>Model</c> resources.</param>
/// <param name="Routes">Names of <c>Route</c> resources.</param>
public sealed record ProductResource(string Name, ImmutableArray<string> Models, ImmutableArray<string> Routes) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Product";

    public override string Kind => KindName;
}
