using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>Opens the sealed values of a workspace's <c>Secret</c> resources for edges that need them; its key is the workspace's name.</summary>
[EdgeCallable, Alias("sluice.secrets")]
public interface IEdgeSecretsGrain : IGrainWithStringKey
{
    /// <summary>The clear values of the named secrets of a revision, committed or only stored; names that do not exist are left out.</summary>
    /// <param name="number">The revision's number.</param>
    /// <param name="hash">The revision's hash: what was stored under the number may change until it is committed.</param>
    /// <param name="names">The secrets that the edge needs.</param>
    [Alias("open")]
    Task<ImmutableDictionary<string, OpenedSecret>> OpenAsync(long number, string hash, ImmutableArray<string> names);

    /// <summary>The key of 256 bits, in base64, under which the ids of what providers keep are sealed and the cookies of splits are signed: the same for all edges of the workspace, always.</summary>
    [Alias("kept-id-key")]
    Task<OpenedSecret> KeptIdKeyAsync();
}

/// <summary>A secret in clear, for memory only: its text form is masked.</summary>
[GenerateSerializer, Immutable, Alias("sluice.opened-secret")]
public sealed record OpenedSecret([property: Id(0)] string Value)
{
    public override string ToString() => "***";
}
