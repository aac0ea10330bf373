using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Configuration;

/// <summary>Brings a revision from the catalog into the form that requests run: fetched, checked against its hash, compiled, credentials opened.</summary>
public sealed class RevisionLoader(IClusterClient cluster, EdgeOptions options, TimeProvider time)
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);

    /// <summary>Loads what the head names.</summary>
    /// <exception cref="TimeoutException">The catalog did not answer in time. Other exceptions of the call pass through: worth another try.</exception>
    public async Task<LoadResult> LoadAsync(Head head, CancellationToken cancellation)
    {
        var label = $"{options.Workspace}@{head.Revision}";
        if (head.Revision == 0)
        {
            return new LoadResult(new EdgeRevision(head, Plan.Empty, FrozenDictionary<string, ProviderCredentials>.Empty, label), null);
        }

        var revision = await cluster.GetGrain<IEdgeCatalogGrain>(options.Workspace).GetRevisionAsync(head.Revision)
            .WaitAsync(CallBound, time, cancellation);
        if (revision is null)
        {
            return LoadResult.Refused($"{label}: the catalog has no revision of this number.");
        }

        // A thread of its own: a large revision must not hold up requests.
        var compiled = await Task.Factory.StartNew(
            () => Compile(head, revision, label), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (compiled.Plan is not { } plan)
        {
            return LoadResult.Refused(compiled.Fault ?? $"{label}: not compiled.");
        }

        var secrets = plan.SecretNames.IsEmpty
            ? ImmutableDictionary<string, OpenedSecret>.Empty
            : await cluster.GetGrain<IEdgeSecretsGrain>(options.Workspace).OpenAsync(plan.SecretNames).WaitAsync(CallBound, time, cancellation);
        var missing = new List<string>();
        var credentials = plan.Providers.Values.ToFrozenDictionary(
            provider => provider.Name,
            provider => CredentialReader.Read(provider, secrets, Environment.GetEnvironmentVariable, missing),
            StringComparer.Ordinal);
        var warning = missing.Count == 0 ? null : $"{label}: {string.Join(' ', missing)}";
        return new LoadResult(new EdgeRevision(head, plan, credentials, label), warning);
    }

    private static (Plan? Plan, string? Fault) Compile(Head head, Revision revision, string label)
    {
        try
        {
            var hash = RevisionCompiler.Hash(revision.Resources);
            if (!string.Equals(hash, head.Hash, StringComparison.Ordinal))
            {
                return (null, $"{label}: the body's hash is {hash}, the head says {head.Hash}.");
            }

            var result = RevisionCompiler.Compile(revision.Resources);
            return result.Plan is { } plan
                ? (plan, null)
                : (null, $"{label}: {string.Join(' ', result.Errors.Take(5).Select(error => $"{error.Path}: {error.Message}"))}");
        }
        catch (Exception defect)
        {
            // A revision that trips a defect is refused with its reason; what is active serves on.
            return (null, $"{label}: the compiler failed: {defect.GetType().Name}: {defect.Message}");
        }
    }
}

/// <summary>A revision ready to be activated, or why there is none.</summary>
/// <param name="Revision">Null: refused.</param>
/// <param name="Fault">Why it was refused or, beside a revision, which credentials are missing; for operators, never with a secret.</param>
public sealed record LoadResult(EdgeRevision? Revision, string? Fault)
{
    /// <summary>Not to be activated.</summary>
    public static LoadResult Refused(string fault) => new(null, fault);
}
