using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.FirstStart;

/// <summary>The resources of a new workspace: the sandbox, and the providers that were found. Pure.</summary>
public static class FirstRevision
{
    /// <summary>The provider and the model that every new workspace has.</summary>
    public const string Sandbox = "sandbox";

    /// <summary>Resources as they are written, in JSON.</summary>
    public static ImmutableArray<byte[]> Write(IEnumerable<FoundProvider> found)
    {
        var resources = ImmutableArray.CreateBuilder<byte[]>();
        var taken = new HashSet<string>(StringComparer.Ordinal) { Sandbox };
        Add(new(StringComparer.Ordinal) { ["kind"] = ProviderResource.KindName, ["name"] = Sandbox, ["dialect"] = "sandbox" });
        AddModel(Sandbox, Sandbox, Sandbox);
        foreach (var provider in found)
        {
            var resource = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["kind"] = ProviderResource.KindName,
                ["name"] = provider.Known.Name,
                ["dialect"] = provider.Known.Dialect.ToString().ToLowerInvariant(),
                ["address"] = provider.Address.AbsoluteUri.TrimEnd('/'),
            };
            if (provider.Known.Key is { } variable)
            {
                resource["credentials"] = new[] { new Dictionary<string, string>(StringComparer.Ordinal) { ["env"] = variable } };
            }

            Add(resource);
            foreach (var id in provider.Models)
            {
                // As the provider writes it; where that is taken or is no name, with the provider before it; else the model is left out.
                foreach (var name in new[] { id, $"{provider.Known.Name}/{id}" })
                {
                    if (Names.IsModel(name) && taken.Add(name))
                    {
                        AddModel(name, provider.Known.Name, id);
                        break;
                    }
                }
            }
        }

        return resources.ToImmutable();

        void AddModel(string name, string provider, string model) => Add(new(StringComparer.Ordinal)
        {
            ["kind"] = ModelResource.KindName,
            ["name"] = name,
            ["targets"] = new[] { new Dictionary<string, string>(StringComparer.Ordinal) { ["provider"] = provider, ["model"] = model } },
        });

        void Add(Dictionary<string, object> resource) => resources.Add(JsonSerializer.SerializeToUtf8Bytes(resource));
    }
}
