using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Configuration;

/// <summary>Gathers a provider's credentials from opened secrets and the edge's environment.</summary>
public static class CredentialReader
{
    /// <summary>
    /// The values in declared order. One that cannot be had is left out and named in <paramref name="missing"/>: it hurts its provider, not the revision.
    /// </summary>
    public static ProviderCredentials Read(
        ProviderResource provider, ImmutableDictionary<string, OpenedSecret> secrets, Func<string, string?> environment, SecretUses counts, ICollection<string> missing)
    {
        var values = new List<string>(provider.Credentials.Length);
        var weights = new List<int>(provider.Credentials.Length);
        var uses = new List<SecretUse?>(provider.Credentials.Length);
        foreach (var source in provider.Credentials)
        {
            if (source.Secret is { } secret)
            {
                if (secrets.TryGetValue(secret, out var opened))
                {
                    values.Add(opened.Value);
                    uses.Add(counts.Of(secret, provider.Name));
                    weights.Add(source.Weight);
                }
                else
                {
                    missing.Add($"Provider/{provider.Name}: the secret '{secret}' could not be opened.");
                }
            }
            else if (source.Env is { } name)
            {
                if (environment(name) is { Length: > 0 } value)
                {
                    values.Add(value);
                    uses.Add(null);
                    weights.Add(source.Weight);
                }
                else
                {
                    missing.Add($"Provider/{provider.Name}: the environment variable '{name}' is not set on this edge.");
                }
            }
        }

        return new ProviderCredentials([.. values], [.. weights], [.. uses]);
    }
}
