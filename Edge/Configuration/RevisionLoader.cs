using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Edge.KnownGood;
using Sluice.Edge.Metrics;
using Sluice.Edge.Tls;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Configuration;

/// <summary>Brings a revision from the catalog into the form that requests run: fetched, checked against its hash, compiled, credentials opened.</summary>
public sealed class RevisionLoader(IClusterClient cluster, EdgeOptions options, SuspectRevisions suspects, ActiveRevision active, SecretUses uses, EdgeMeter meter, TimeProvider time, ILogger<RevisionLoader> log)
{
    private const string WrongHash = "hash";
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);

    /// <summary>Loads what the head names.</summary>
    /// <param name="head">Committed or not.</param>
    /// <param name="isCandidate">Whether it may still be refused: then a certificate that does not load is a reason, while of what is committed the rest is served.</param>
    /// <param name="cancellation">Ends the calls.</param>
    /// <exception cref="TimeoutException">The catalog did not answer in time. Other exceptions of the call pass through: worth another try.</exception>
    public async Task<LoadResult> LoadAsync(Head head, bool isCandidate, CancellationToken cancellation)
    {
        if (head.Revision == 0)
        {
            return new LoadResult(EdgeRevision.Empty(head, Label(head)), null, null);
        }

        var (compiled, refusal) = await CompileAsync(head, cancellation);
        if (compiled is null)
        {
            return LoadResult.Refused(Label(head), refusal!);
        }

        var secrets = compiled.Plan.SecretNames.IsEmpty
            ? ImmutableDictionary<string, OpenedSecret>.Empty
            : await cluster.GetGrain<IEdgeSecretsGrain>(options.Workspace).OpenAsync(head.Revision, head.Hash, compiled.Plan.SecretNames).WaitAsync(CallBound, time, cancellation);
        return Finish(head, compiled, secrets, isCandidate);
    }

    /// <summary>Builds a revision that was kept, without a call.</summary>
    internal async Task<LoadResult> BuildAsync(KnownGoodRecord record, CancellationToken cancellation)
    {
        var (compiled, refusal) = await CompileAsync(record.Head, () => record.Resources, null, cancellation);
        return compiled is null ? LoadResult.Refused(Label(record.Head), refusal!) : Finish(record.Head, compiled, record.Secrets, isCandidate: false);
    }

    private string Label(Head head) => $"{options.Workspace}@{head.Revision}";

    // What the edge has already is not sent again.
    private async Task<Compiled> CompileAsync(Head head, CancellationToken cancellation)
    {
        var catalog = cluster.GetGrain<IEdgeCatalogGrain>(options.Workspace);
        var basis = active.Current;
        if (basis is { Head: { Revision: > 0 } known, Compilation: var before }
            && await catalog.FindDeltaAsync(head.Revision, head.Hash, known.Revision, known.Hash).WaitAsync(CallBound, time, cancellation) is { } delta)
        {
            meter.Fetched("delta", delta.Put);
            var changed = await CompileAsync(head, () => RevisionCompiler.Apply(before.Resources, delta.Put, delta.Removed), before, cancellation);
            if (changed.Refusal?.Code is not WrongHash)
            {
                return changed;
            }

            log.LogWarning("{Revision} is fetched whole: what was sent does not make it of {Basis}", Label(head), basis.Label);
        }

        // Not a refusal of the body: a candidate may have been given up, and a head is asked for again.
        var revision = await catalog.FindBodyAsync(head.Revision, head.Hash).WaitAsync(CallBound, time, cancellation)
            ?? throw new InvalidOperationException($"{Label(head)}: the catalog has no body {head.Hash}.");
        meter.Fetched("whole", revision.Resources);
        return await CompileAsync(head, () => revision.Resources, basis?.Compilation, cancellation);
    }

    private LoadResult Finish(Head head, Compilation compiled, ImmutableDictionary<string, OpenedSecret> secrets, bool isCandidate)
    {
        var (missing, wrong) = (new List<string>(), new List<FieldError>());
        var certificates = ServerCertificates.Build(compiled.Plan.Certificates, secrets, active.Current?.Certificates ?? ServerCertificates.None, wrong);
        var tls = ClientTlsTable.Build(compiled.Plan, secrets, active.Current?.UpstreamTls ?? ClientTlsTable.None, wrong);
        var canaryTls = compiled.Plan.Canary is { } side ? ClientTlsTable.Build(side.Compilation.Plan, secrets, tls, wrong) : ClientTlsTable.None;
        if (isCandidate && wrong.Count > 0)
        {
            return LoadResult.Refused(Label(head), new EdgeRefusal("certificate", wrong[0].Path, wrong[0].Message));
        }

        missing.AddRange(wrong.Select(error => $"{error.Path}: {error.Message}."));
        var revision = new EdgeRevision(head, compiled, Open(compiled.Plan, secrets, missing), secrets, Label(head)) { Certificates = certificates, UpstreamTls = tls };
        if (compiled.Plan.Canary is { Compilation: var changed })
        {
            revision = revision.WithCanary(changed, Open(changed.Plan, secrets, missing), canaryTls);
        }

        var warning = missing.Count == 0 ? null : $"{Label(head)}: {string.Join(' ', missing.Distinct(StringComparer.Ordinal))}";
        return new LoadResult(revision, warning, null);
    }

    private FrozenDictionary<string, ProviderCredentials> Open(Plan plan, ImmutableDictionary<string, OpenedSecret> secrets, List<string> missing) => plan.Providers.Values.ToFrozenDictionary(
        provider => provider.Name,
        provider => CredentialReader.Read(provider, secrets, Environment.GetEnvironmentVariable, uses, missing),
        StringComparer.Ordinal);

    // A thread of its own: a large revision must not hold up requests.
    private Task<Compiled> CompileAsync(Head head, Func<ImmutableArray<ResourceBody>> resources, Compilation? from, CancellationToken cancellation) => Task.Factory.StartNew(
        () => suspects.Find(head.Hash) is { } suspect ? Compiled.Refused("crash", "", suspect) : Timed(head, resources, from),
        cancellation,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private Compiled Timed(Head head, Func<ImmutableArray<ResourceBody>> resources, Compilation? from)
    {
        var begun = time.GetTimestamp();
        var compiled = Compile(head, resources, from);
        meter.Compiled(time.GetElapsedTime(begun));
        return compiled;
    }

    private static Compiled Compile(Head head, Func<ImmutableArray<ResourceBody>> resources, Compilation? from)
    {
        try
        {
            var content = RevisionContent.Of(resources(), from?.Content);
            if (!content.IsOf(head.Hash))
            {
                return Compiled.Refused(WrongHash, "", $"the body's hash is {content.Hash}, it should be {head.Hash}");
            }

            var result = RevisionCompiler.Compile(content, from);
            return result.Compilation is { } compiled ? new Compiled(compiled, null) : Compiled.Refused("compile", result.Errors[0].Path, result.Errors[0].Message);
        }
        catch (Exception defect)
        {
            // A revision that trips a defect is refused with its reason; what is active serves on.
            return Compiled.Refused("defect", "", $"the compiler failed: {defect.GetType().Name}: {defect.Message}");
        }
    }

    /// <summary>Exactly one of the two is set.</summary>
    private readonly record struct Compiled(Compilation? Compilation, EdgeRefusal? Refusal)
    {
        public static Compiled Refused(string code, string path, string message) => new(null, new EdgeRefusal(code, path, message));
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
