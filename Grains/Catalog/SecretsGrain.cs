using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Catalog;

/// <summary>Opens secrets of a revision. It keeps nothing: what is sealed rests with the catalog, what is opened with the edge that asked.</summary>
[Reentrant]
public sealed class SecretsGrain(KeyringSource keyrings, ILogger<SecretsGrain> log) : Grain, IEdgeSecretsGrain
{
    public async Task<ImmutableDictionary<string, OpenedSecret>> OpenAsync(long number, string hash, ImmutableArray<string> names)
    {
        var workspace = this.GetPrimaryKeyString();
        var revision = await GrainFactory.GetGrain<ICatalogGrain>(workspace).FindBodyAsync(number, hash);
        var bodies = (revision?.Resources ?? []).Where(r => string.Equals(r.Kind, SecretResource.KindName, StringComparison.Ordinal))
            .ToDictionary(r => r.Name, StringComparer.Ordinal);
        var keyring = await keyrings.GetAsync();
        var opened = ImmutableDictionary.CreateBuilder<string, OpenedSecret>(StringComparer.Ordinal);
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (bodies.TryGetValue(name, out var body) && SealedBody.Open(keyring, workspace, body, log) is { } secret)
            {
                opened[name] = secret;
            }
        }

        return opened.ToImmutable();
    }

    public async Task<OpenedSecret> KeptIdKeyAsync() => new(Convert.ToBase64String((await keyrings.GetAsync()).Derive($"ids of what providers keep: {this.GetPrimaryKeyString()}")));
}
