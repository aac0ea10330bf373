using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Sealing;
using Sluice.Revisions;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The shell around <see cref="ChangeSet"/> and <see cref="RevisionStore"/>: one publish at a time, check → store → commit, then the news. Reads go
/// on meanwhile, from the head's row as it is stored. The protocol is described in docs/reload.md.
/// </summary>
[GrainType("catalog")]
public sealed class CatalogGrain(
    [FromKeyedServices("Default")] IGrainStorage storage, KeyringSource keyrings, TimeProvider time, ILogger<CatalogGrain> log) : Grain, ICatalogGrain
{
    private const int MostInHistory = 1_000;

    private static readonly TimeSpan CheckBound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan NewsBound = TimeSpan.FromSeconds(1);

    private readonly RecentRevisions _recent = new();
    private RevisionStore _store = null!;

    private string Workspace => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _store = new RevisionStore(storage, this.GetGrainId(), Workspace);
        return _store.RefreshAsync();
    }

    public async Task<Head> GetHeadAsync() => ToHead(await _store.ReadHeadAsync());

    public async Task<Revision?> GetRevisionAsync(long number)
    {
        if (number < 1 || (number > _store.Head.Revision && number > (await _store.ReadHeadAsync()).Revision))
        {
            return null;
        }

        return await ReadAsync(number);
    }

    public async Task<ResourceBody?> GetResourceAsync(string kind, string name)
    {
        var resources = await ResourcesAsync((await _store.ReadHeadAsync()).Revision);
        return resources.FirstOrDefault(r => string.Equals(r.Kind, kind, StringComparison.Ordinal) && string.Equals(r.Name, name, StringComparison.Ordinal));
    }

    public async Task<IReadOnlyList<RevisionSummary>> GetHistoryAsync(long? before, int limit)
    {
        var head = (await _store.ReadHeadAsync()).Revision;
        var newest = Math.Min(head, (before ?? long.MaxValue) - 1);
        var count = Math.Min(Math.Clamp(limit, 1, MostInHistory), Math.Max(newest, 0));
        return await Task.WhenAll(Enumerable.Range(0, (int)count).Select(i => _store.ReadInfoAsync(newest - i)));
    }

    public async Task<PublishOutcome> PublishAsync(PublishRequest request)
    {
        await _store.RefreshAsync();
        if (request.IfMatch is { } seen && seen != _store.Head.Revision)
        {
            return await ConflictAsync(seen);
        }

        var start = time.GetTimestamp();
        var before = await ResourcesAsync(_store.Head.Revision);
        var candidate = await CheckAsync(async () =>
        {
            var changes = ChangeSet.Read(request);
            return changes.Apply(before, Workspace, changes.HasSecrets ? await keyrings.GetAsync() : null);
        });
        return await PublishAsync(candidate, request.DryRun, request.Author, request.Reason, rollbackOf: null, start);
    }

    public async Task<PublishOutcome> RollbackAsync(long to, long? ifMatch, Author author, string? reason)
    {
        await _store.RefreshAsync();
        if (ifMatch is { } seen && seen != _store.Head.Revision)
        {
            return await ConflictAsync(seen);
        }

        if (to < 1 || to > _store.Head.Revision)
        {
            return new PublishOutcome.UnknownRevision(to);
        }

        var start = time.GetTimestamp();
        var before = await ResourcesAsync(_store.Head.Revision);
        var old = await ResourcesAsync(to);
        var candidate = await CheckAsync(() => Task.FromResult(Candidate.Check(before, old)));
        return await PublishAsync(candidate, dryRun: false, author, reason, to, start);
    }

    private static Head ToHead(HeadRow row) => new(row.Term, row.Revision, row.Hash);

    private async Task<PublishOutcome> PublishAsync(Candidate candidate, bool dryRun, Author author, string? reason, long? rollbackOf, long start)
    {
        var head = _store.Head;
        if (!candidate.Errors.IsEmpty)
        {
            return new PublishOutcome.Invalid(candidate.Errors);
        }

        if (candidate.Changes.IsEmpty)
        {
            return new PublishOutcome.Unchanged(ToHead(head));
        }

        if (dryRun)
        {
            return new PublishOutcome.Checked(ToHead(head), candidate.Hash, candidate.Changes);
        }

        var info = new RevisionSummary(
            head.Revision + 1, candidate.Hash, time.GetUtcNow(), author, reason, candidate.Resources.Length, candidate.Changes, rollbackOf);
        var revision = new Revision(info, candidate.Resources);
        var checkedAt = time.GetTimestamp();
        long storedAt;
        try
        {
            await _store.StoreAsync(revision);
            storedAt = time.GetTimestamp();
            await _store.CommitAsync(info);
        }
        catch (Exception e)
        {
            DeactivateOnIdle();
            throw new CatalogMovedException($"Revision {info.Number.ToString(CultureInfo.InvariantCulture)} of {Workspace} could not be brought to its end; read the head and try again.", e);
        }

        var phases = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
        [
            KeyValuePair.Create("check", time.GetElapsedTime(start, checkedAt)),
            KeyValuePair.Create("store", time.GetElapsedTime(checkedAt, storedAt)),
            KeyValuePair.Create("commit", time.GetElapsedTime(storedAt)),
        ]);
        _recent.Add(revision);
        await TellAsync(info);
        return new PublishOutcome.Published(ToHead(_store.Head), info.Changes, phases);
    }

    // Off the turn: a large candidate takes its time, and leases are granted from this grain meanwhile.
    private async Task<Candidate> CheckAsync(Func<Task<Candidate>> check)
    {
        try
        {
            return await Task.Run(check).WaitAsync(CheckBound, time);
        }
        catch (Exception e)
        {
            log.LogError(e, "A candidate for {Workspace} could not be checked.", Workspace);
            return Candidate.Refused(new FieldError("", e is TimeoutException
                ? $"the change takes longer than {CheckBound.TotalSeconds:0} s to check"
                : $"the change cannot be checked: {e.GetType().Name}; the silo's log has the particulars"));
        }
    }

    private async Task<PublishOutcome> ConflictAsync(long seen)
    {
        var head = _store.Head;
        if (seen < 0 || seen > head.Revision)
        {
            return new PublishOutcome.Conflict(ToHead(head), []);
        }

        return new PublishOutcome.Conflict(ToHead(head), RevisionCompiler.Diff(await ResourcesAsync(seen), await ResourcesAsync(head.Revision)));
    }

    private async Task<ImmutableArray<ResourceBody>> ResourcesAsync(long number) => number == 0 ? [] : (await ReadAsync(number)).Resources;

    private async Task<Revision> ReadAsync(long number)
    {
        if (_recent.Find(number) is { } known)
        {
            return known;
        }

        var read = await _store.ReadAsync(number);
        _recent.Add(read);
        return read;
    }

    // The news is a poke: who misses it learns of the head with the next renewal of a lease.
    private async Task TellAsync(RevisionSummary info)
    {
        try
        {
            var change = new NewChange(ChangeKind.RevisionActivated, info.Number.ToString(CultureInfo.InvariantCulture), info.Author);
            await GrainFactory.GetGrain<IChangeLogGrain>(Workspace).AppendAsync(change).WaitAsync(NewsBound, time);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Revision {Revision} of {Workspace} is active, but could not be told.", info.Number, Workspace);
        }
    }
}
