using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Sealing;
using Sluice.Revisions;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The shell around <see cref="ChangeSet"/>, <see cref="RevisionStore"/> and <see cref="Publishing"/>: one publish at a time up to its commit, while barriers are
/// passed side by side. Reads go on meanwhile, from the head's row as it is stored. The protocol is described in docs/reload.md.
/// </summary>
[Reentrant, GrainType("catalog")]
public sealed class CatalogGrain(
    [FromKeyedServices("Default")] IGrainStorage storage,
    KeyringSource keyrings,
    IOptions<FleetOptions> fleet,
    TimeProvider time,
    ReloadLog reloads,
    ILogger<CatalogGrain> log) : Grain, ICatalogGrain, IDisposable
{
    private const int MostInHistory = 1_000;

    private static readonly TimeSpan NewsBound = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TurnBound = TimeSpan.FromSeconds(60);

    private readonly CandidateCheck _check = new(keyrings, time, log);
    private readonly RecentRevisions _recent = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private RevisionStore _store = null!;
    private Publishing _publishing = null!;
    private Revision? _candidate;

    private string Workspace => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _store = new RevisionStore(new RevisionTable(storage, Workspace), new HeadStore(storage, this.GetGrainId(), log));
        var barrier = GrainFactory.GetGrain<IFleetBarrierGrain>(Workspace);
        _publishing = new Publishing(_store, barrier, new LeaseTerms(fleet.Value.Lease).Wait, time, log);
        return _store.RefreshAsync();
    }

    public void Dispose() => _turn.Dispose();

    public async Task<Head> GetHeadAsync() => HeadMoves.HeadOf(await _store.ReadHeadAsync());

    public async Task<Revision?> GetRevisionAsync(long number)
    {
        if (number < 1 || (number > _store.Head.Revision && number > (await _store.ReadHeadAsync()).Revision))
        {
            return null;
        }

        return await ReadAsync(number);
    }

    public async Task<ResourceBody?> GetResourceAsync(string kind, string name) =>
        RevisionCompiler.Find(await ResourcesAsync((await _store.ReadHeadAsync()).Revision), new ResourceKey(kind, name));

    public async Task<ImmutableArray<ResourceBody>> GetResourcesAsync(string kind) =>
        [.. (await ResourcesAsync((await _store.ReadHeadAsync()).Revision)).Where(body => string.Equals(body.Kind, kind, StringComparison.Ordinal))];

    public async Task<IReadOnlyList<RevisionSummary>> GetHistoryAsync(long? before, int limit)
    {
        var head = (await _store.ReadHeadAsync()).Revision;
        var newest = Math.Min(head, (before ?? long.MaxValue) - 1);
        var count = Math.Min(Math.Clamp(limit, 1, MostInHistory), Math.Max(newest, 0));
        return await Task.WhenAll(Enumerable.Range(0, (int)count).Select(i => _store.ReadInfoAsync(newest - i)));
    }

    public async Task<Revision?> FindBodyAsync(long number, string hash)
    {
        if (number < 1)
        {
            return null;
        }

        var found = _candidate is { } candidate && Is(candidate) ? candidate : _recent.Find(number) ?? await _store.FindAsync(number);
        return found is not null && Is(found) ? found : null;

        bool Is(Revision revision) => revision.Info.Number == number && string.Equals(revision.Info.Hash, hash, StringComparison.Ordinal);
    }

    public async Task<RevisionDelta?> FindDeltaAsync(long number, string hash, long basisNumber, string basisHash) =>
        await FindBodyAsync(number, hash) is { } wanted && await FindBodyAsync(basisNumber, basisHash) is { } basis
            ? RevisionCompiler.Delta(
                wanted.Resources, basis.Info.Number == wanted.Info.Number - 1 ? wanted.Info.Changes : RevisionCompiler.Diff(basis.Resources, wanted.Resources))
            : null;

    public async Task<IReadOnlyList<AuditEntry>> GetAuditAsync(long from, int limit)
    {
        var head = (await _store.ReadHeadAsync()).Revision;
        var first = Math.Max(from, 1);
        var rows = await _store.ReadRowsAsync(first, (int)Math.Clamp(head - first + 1, 0, Math.Clamp(limit, 1, MostInHistory)));
        return [.. rows.Select(r => new AuditEntry(r.Info, r.Previous, r.Audit))];
    }

    public async Task<AuditReport> VerifyAuditAsync()
    {
        var head = await _store.ReadHeadAsync();
        var walk = new AuditWalk();
        for (long from = 1; from <= head.Revision; from += MostInHistory)
        {
            foreach (var row in await _store.ReadRowsAsync(from, (int)Math.Min(MostInHistory, head.Revision - from + 1)))
            {
                walk.Take(new AuditEntry(row.Info, row.Previous, row.Audit));
            }
        }

        return walk.End(head.Audit);
    }

    public Task<PublishOutcome> PublishAsync(PublishRequest request) => reloads.FollowAsync(Workspace, request.Author, isRollback: false, InTurnAsync(async phases =>
    {
        if (request.PublishId is { } id && HeadMoves.Find(_store.Head, id) is not null)
        {
            return Unchanged();
        }

        if (request.IfMatch is { } seen && seen != _store.Head.Revision)
        {
            return await ConflictAsync(seen);
        }

        var before = await ResourcesAsync(_store.Head.Revision);
        var candidate = await _check.RunAsync(Workspace, async last =>
        {
            var changes = ChangeSet.Read(request);
            return changes.Apply(before, Workspace, changes.HasSecrets ? await keyrings.GetAsync() : null, last);
        });
        return await PublishAsync(candidate, request, rollbackOf: null, phases);
    }, request.Author, request.Wait && !request.DryRun));

    public Task<PublishOutcome> RollbackAsync(long to, long? ifMatch, Author author, string? reason, bool takeOver = false) => reloads.FollowAsync(Workspace, author, isRollback: true, InTurnAsync(async phases =>
    {
        if (ifMatch is { } seen && seen != _store.Head.Revision)
        {
            return await ConflictAsync(seen);
        }

        if (to < 1 || to > _store.Head.Revision)
        {
            return new PublishOutcome.UnknownRevision(to);
        }

        var target = await ReadAsync(to);
        if (target.Pruned)
        {
            return new PublishOutcome.PrunedRevision(to);
        }

        // A certificate that was obtained is not given back for one of before, nor lost.
        var before = await ResourcesAsync(_store.Head.Revision);
        var old = target.Resources.Where(r => Owners.Of(r) is not Owners.Acme).Concat(before.Where(r => Owners.Of(r) is Owners.Acme));
        var candidate = await _check.RunAsync(Workspace, last => Task.FromResult(Candidate.Check(before, old, new Ownership(Owners.Api, takeOver, ImmutableHashSet<ResourceKey>.Empty), last)));
        return await PublishAsync(candidate, new PublishRequest([], [], Prune: false, ifMatch, DryRun: false, author, reason), to, phases);
    }, author, wait: true));

    private async Task<PublishOutcome> InTurnAsync(Func<PhaseTimes, Task<PublishOutcome>> publish, Author author, bool wait)
    {
        if (!await _turn.WaitAsync(TurnBound))
        {
            throw new TimeoutException($"Other publishes of {Workspace} took all of {TurnBound.TotalSeconds:0} s.");
        }

        PublishOutcome outcome;
        HeadRow row;
        var phases = new PhaseTimes(time);
        try
        {
            await _store.RefreshAsync();
            outcome = await publish(phases);
            row = _store.Head;
        }
        finally
        {
            _candidate = null;
            _turn.Release();
        }

        switch (outcome)
        {
            case PublishOutcome.Published published:
                var told = TellAsync(row.Revision, author);
                GrainFactory.GetGrain<IRetentionGrain>(Workspace).LookAsync().Ignore();
                GrainFactory.GetGrain<ICertificateOrdersGrain>(Workspace).ChangedAsync().Ignore();
                var report = wait ? await _publishing.PassAsync(row) : BarrierReport.NotAwaited;
                await told;
                phases.End("barrier");
                return published with { Phases = phases.Ended, Barrier = report };
            case PublishOutcome.Unchanged unchanged when wait:
                return unchanged with { Barrier = await _publishing.PassAsync(row) };
            default:
                return outcome;
        }
    }

    private PublishOutcome.Unchanged Unchanged() => new(HeadMoves.HeadOf(_store.Head), BarrierReport.NotAwaited);

    private async Task<PublishOutcome> PublishAsync(Candidate candidate, PublishRequest request, long? rollbackOf, PhaseTimes phases)
    {
        phases.End("check");
        if (!candidate.Errors.IsEmpty)
        {
            return new PublishOutcome.Invalid(candidate.Errors);
        }

        if (!candidate.Owned.IsEmpty)
        {
            return new PublishOutcome.OwnedByOthers(candidate.Owned);
        }

        if (candidate.Changes.IsEmpty)
        {
            return Unchanged();
        }

        var head = HeadMoves.HeadOf(_store.Head);
        if (request.DryRun)
        {
            return new PublishOutcome.Checked(head, candidate.Hash, candidate.Changes, candidate.Warnings);
        }

        // In milliseconds, as the audit has it.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var info = new RevisionSummary(
            head.Revision + 1, candidate.Hash, at, request.Author, request.Reason, candidate.Resources.Length, candidate.Changes, rollbackOf);
        _candidate = new Revision(info, candidate.Resources);
        Head? made;
        try
        {
            (made, var refused) = await _publishing.CommitAsync(_candidate, candidate.IsStrict, request.PublishId, phases);
            if (refused is not null)
            {
                return refused;
            }
        }
        catch (Exception e)
        {
            DeactivateOnIdle();
            throw new CatalogMovedException($"Revision {info.Number.ToString(CultureInfo.InvariantCulture)} of {Workspace} could not be brought to its end; read the head and try again.", e);
        }

        _recent.Add(_candidate);
        return new PublishOutcome.Published(made!, info.Changes, phases.Ended, BarrierReport.NotAwaited, candidate.Warnings);
    }

    private async Task<PublishOutcome> ConflictAsync(long seen)
    {
        var head = _store.Head;
        var known = seen < 0 || seen > head.Revision ? null : seen == 0 ? [] : await ReadAsync(seen) is { Pruned: false } read ? read.Resources : (ImmutableArray<ResourceBody>?)null;
        return new PublishOutcome.Conflict(HeadMoves.HeadOf(head), known is { } before ? RevisionCompiler.Diff(before, await ResourcesAsync(head.Revision)) : []);
    }

    private async Task<ImmutableArray<ResourceBody>> ResourcesAsync(long number) => number == 0 ? [] : (await ReadAsync(number)).Resources;

    private async Task<Revision> ReadAsync(long number)
    {
        // Older ones may have been let go since they were read.
        if (number >= _store.Head.Revision - 1 && _recent.Find(number) is { } known)
        {
            return known;
        }

        var read = await _store.ReadAsync(number);
        if (!read.Pruned)
        {
            _recent.Add(read);
        }

        return read;
    }

    // The news is a poke: who misses it learns of the head with the next renewal of a lease.
    private async Task TellAsync(long revision, Author author)
    {
        try
        {
            var change = new NewChange(ChangeKind.RevisionActivated, revision.ToString(CultureInfo.InvariantCulture), author);
            await GrainFactory.GetGrain<IChangeLogGrain>(Workspace).AppendAsync(change).WaitAsync(NewsBound, time);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Revision {Revision} of {Workspace} is active, but could not be told.", revision, Workspace);
        }
    }
}
