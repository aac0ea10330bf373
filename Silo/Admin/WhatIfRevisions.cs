using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Silo.Admin;

/// <summary>
/// Revisions compiled for a question, by the code that edges run: kept ones, and what a change set would make of them. Nothing is stored or told to anybody. One is
/// compiled at a time, so that questions never take more than one processor from a silo.
/// </summary>
internal sealed class WhatIfRevisions(IGrainFactory grains, KeyringSource keyrings, TimeProvider time) : IDisposable
{
    private const int MostKept = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turn = new(1);

    // Newest first; immutable, exchanged as one.
    private ImmutableArray<WhatIfRevision> _kept = [];

    /// <summary>The revision that is asked for.</summary>
    public async Task<(WhatIfRevision? Value, Problem? Problem)> FindAsync(WhatIfAsk ask, CancellationToken cancellation)
    {
        if (!await _turn.WaitAsync(Bound, cancellation))
        {
            throw new TimeoutException($"Other questions took all of {Bound.TotalSeconds:0} s.");
        }

        try
        {
            var (basis, refusal) = await FindAsync(ask.Revision);
            return refusal is not null || ask.Changes is null ? (basis, refusal) : await ChangeAsync(basis!, ask);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<(WhatIfRevision? Value, Problem? Problem)> FindAsync(long? asked)
    {
        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        var head = await catalog.GetHeadAsync();
        var number = asked ?? head.Revision;
        if (number == 0)
        {
            return (new WhatIfRevision(0, "", Compilation.Empty), null);
        }

        if (_kept.FirstOrDefault(r => r.Number == number && (number != head.Revision || string.Equals(r.Hash, head.Hash, StringComparison.Ordinal))) is { } known)
        {
            return (known, null);
        }

        if (await catalog.GetRevisionAsync(number) is not { } found)
        {
            return (null, RevisionEndpoints.NoRevision(number));
        }

        if (found.Pruned)
        {
            return (null, Problem.Pruned(number));
        }

        var from = _kept.FirstOrDefault()?.Compilation;
        var compiled = await BoundAsync(() => RevisionCompiler.Compile(found.Resources, from));
        if (compiled.Compilation is not { } compilation)
        {
            // It was right when it was published, by the rules of another version.
            return (null, Problem.InvalidResource(compiled.Errors));
        }

        var read = new WhatIfRevision(number, found.Info.Hash, compilation);
        _kept = [read, .. _kept.Take(MostKept - 1)];
        return (read, null);
    }

    private async Task<(WhatIfRevision? Value, Problem? Problem)> ChangeAsync(WhatIfRevision basis, WhatIfAsk ask)
    {
        var request = new PublishRequest(ask.Changes!.Value, [], ask.Prune, null, DryRun: true, Grains.Interfaces.Author.System, null, TakeOver: true);
        var changes = await BoundAsync(() => ChangeSet.Read(request));
        var keyring = changes.HasSecrets ? await keyrings.GetAsync() : null;
        var candidate = await BoundAsync(() => changes.Apply(basis.Compilation.Resources, AdminApi.Workspace, keyring, basis.Compilation));
        return candidate.Compilation is { } compilation
            ? (new WhatIfRevision(basis.Number, candidate.Hash, compilation) { Changes = candidate.Changes }, null)
            : (null, Problem.InvalidResource(candidate.Errors));
    }

    // Not on the request's thread: what is large takes its time, and is given up after a while.
    private Task<T> BoundAsync<T>(Func<T> work) => Task.Run(work).WaitAsync(Bound, time);
}

/// <summary>A revision for a question.</summary>
/// <param name="Number">Its number; of a candidate the number of the one that it changes.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Compilation">As edges run it.</param>
internal sealed record WhatIfRevision(long Number, string Hash, Compilation Compilation)
{
    /// <summary>What a change set changes; null: this is no candidate.</summary>
    public ImmutableArray<ResourceChange>? Changes { get; init; }

    /// <summary>What requests run.</summary>
    public Plan Plan => Compilation.Plan;
}
