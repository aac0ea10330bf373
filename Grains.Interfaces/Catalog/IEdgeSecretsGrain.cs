using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>Opens the sealed values of a workspace's <c>Secret</c> resources for edges that need them; its key is the workspace's name.</summary>
[EdgeCallable, Alias("sluice.secrets")]
public interface IEdgeSecretsGrain : IGrainWithStringKey
{
    /// <summary>The clear values of the named secrets of the active revision; names that do not exist are left out.</summary>
    [Alias("open")]
    Task<ImmutableDictionary<string, OpenedSecret>> OpenAsync(ImmutableArray<string> names);
}

/// <summary>A secret in clear, for memory only: its text form is masked.</summary>
[GenerateSerializer, Immutable, Alias("sluice.opened-secret")]
public sealed record OpenedSecret([property: Id(0)] string Value)
{
    public override string ToString() => "***";
}
