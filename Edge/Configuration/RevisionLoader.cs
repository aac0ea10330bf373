using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
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
            return new LoadResult(new EdgeRevision(head, Plan.Empty, FrozenDictionary<string, ProviderCredentials>.Empty, label), null, null);
        }

        var revision = await cluster.GetGrain<IEdgeCatalogGrain>(options.Workspace).FindBodyAsync(head.Revision, head.Hash)
            .WaitAsync(CallBound, time, cancellation);
        if (revision is null)
        {
            // Not a refusal of the body: a candidate may have been given up, and a head is asked for again.
            throw new InvalidOperationException($"{label}: the catalog has no body {head.Hash}.");
        }

        // A thread of its own: a large revision must not hold up requests.
        var compiled = await Task.Factory.StartNew(
            () => Compile(head, revision), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (compiled.Plan is not { } plan)
        {
            return LoadResult.Refused(label, compiled.Refusal!);
        }

        var secrets = plan.SecretNames.IsEmpty
            ? ImmutableDictionary<string, OpenedSecret>.Empty
            : await cluster.GetGrain<IEdgeSecretsGrain>(options.Workspace).OpenAsync(head.Revision, head.Hash, plan.SecretNames).WaitAsync(CallBound, time, cancellation);
        var missing = new List<string>();
        var credentials = plan.Providers.Values.ToFrozenDictionary(
            provider => provider.Name,
            provider => CredentialReader.Read(provider, secrets, Environment.GetEnvironmentVariable, missing),
            StringComparer.Ordinal);
        var warning = missing.Count == 0 ? null : $"{label}: {string.Join(' ', missing)}";
        return new LoadResult(new EdgeRevision(head, plan, credentials, label), warning, null);
    }

    private static (Plan? Plan, EdgeRefusal? Refusal) Compile(Head head, Revision revision)
    {
        try
        {
            var hash = RevisionCompiler.Hash(revision.Resources);
            if (!string.Equals(hash, head.Hash, StringComparison.Ordinal))
            {
                return (null, new EdgeRefusal("hash", "", $"the body's hash is {hash}, it should be {head.Hash}"));
            }

            var result = RevisionCompiler.Compile(revision.Resources);
            return result.Plan is { } plan
                ? (plan, null)
                : (null, new EdgeRefusal("compile", result.Errors[0].Path, result.Errors[0].Message));
        }
        catch (Exception defect)
        {
            // A revision that trips a defect is refused with its reason; what is active serves on.
            return (null, new EdgeRefusal("defect", "", $"the compiler failed: {defect.GetType().Name}: {defect.Message}"));
        }
    }
}

/// <summary>A revision ready to be activated, or why there is none.</summary>
/// <param name="Revision">Null: refused.</param>
/// <param name="Fault">Why it was refused or, beside a revision, which credentials are missing; for operators, never with a secret.</param>
/// <param name="Refusal">Why it was refused, as the publisher is told; null beside a revision.</param>
public sealed record LoadResult(EdgeRevision? Revision, string? Fault, EdgeRefusal? Refusal)
{
    /// <summary>Not to be activated.</summary>
    public static LoadResult Refused(string label, EdgeRefusal refusal) =>
        new(null, $"{label}: {(refusal.Path.Length > 0 ? $"{refusal.Path}: " : "")}{refusal.Message}", refusal);
}
