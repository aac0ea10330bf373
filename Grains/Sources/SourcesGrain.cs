using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Sources;

namespace Sluice.Grains.Sources;

/// <summary>What is stored of a workspace's sources, by their owners' names. Who watches is not: a silo that does says so again.</summary>
internal sealed record SourceRows(ImmutableSortedDictionary<string, SourceRow> Sources)
{
    public SourceRows()
        : this(ImmutableSortedDictionary.Create<string, SourceRow>(StringComparer.Ordinal))
    {
    }
}

/// <summary>The last state of a source.</summary>
internal sealed record SourceRow(string Path, SourceState State, long? Revision, string? Commit, ImmutableArray<SourceError> Errors, DateTimeOffset Since)
{
    /// <summary>Whether it says the same, whenever that began.</summary>
    public bool IsAs(SourceRow other) => this with { Errors = [], Since = default } == other with { Errors = [], Since = default } && Errors.SequenceEqual(other.Errors);
}

/// <summary>The shell around the stored states and the watches, which are leases in memory.</summary>
[GrainType("sources")]
internal sealed class SourcesGrain : Grain, ISourcesGrain
{
    private const int MostSources = 64;

    // A silo that missed some looks is gone, or cannot reach this grain.
    private const int LooksMissed = 3;
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan NewsBound = TimeSpan.FromSeconds(1);

    private readonly Durable<SourceRows> _rows;
    private readonly TimeProvider _time;
    private readonly ILogger<SourcesGrain> _log;
    private readonly Dictionary<string, (string Silo, string Path, DateTimeOffset Until)> _watches = new(StringComparer.Ordinal);

    public SourcesGrain([PersistentState("sources")] IPersistentState<SourceRows> rows, TimeProvider time, ILogger<SourcesGrain> log) =>
        (_rows, _time, _log) = (new(this, rows), time, log);

    public Task<bool> ClaimAsync(SourceClaim claim)
    {
        var now = _time.GetUtcNow();
        if (_watches.TryGetValue(claim.Owner, out var watch) && watch.Until > now && !string.Equals(watch.Silo, claim.Silo, StringComparison.Ordinal))
        {
            return Task.FromResult(false);
        }

        var length = claim.Every * LooksMissed;
        _watches[claim.Owner] = (claim.Silo, claim.Path, now + (length > ShortestWatch ? length : ShortestWatch));
        return Task.FromResult(true);
    }

    public async Task ReportAsync(SourceReport report)
    {
        var owner = report.Claim.Owner;
        var before = _rows.Value.Sources.GetValueOrDefault(owner);
        var (revision, commit) = report.State is SourceState.Applied ? (report.Revision ?? before?.Revision, report.Commit) : (before?.Revision, before?.Commit);
        var next = new SourceRow(report.Claim.Path, report.State, revision, commit, report.Errors, _time.GetUtcNow());
        if (before is not null && next.IsAs(before))
        {
            return;
        }

        if (before is null && _rows.Value.Sources.Count >= MostSources)
        {
            throw new InvalidOperationException($"A workspace has at most {MostSources} sources: {owner} is one too many.");
        }

        await _rows.WriteAsync(new SourceRows(_rows.Value.Sources.SetItem(owner, next with { Since = before?.State == next.State ? before.Since : next.Since })));
        Log(owner, before, next);
        await TellAsync(report.Claim);
    }

    public Task<ImmutableArray<SourceStatus>> ListAsync()
    {
        var now = _time.GetUtcNow();
        var known = _rows.Value.Sources;
        var all = _watches.Where(w => !known.ContainsKey(w.Key)).Aggregate(known, (rows, w) => rows.Add(w.Key, new SourceRow(w.Value.Path, SourceState.Waiting, null, null, [], now)));
        return Task.FromResult<ImmutableArray<SourceStatus>>([.. all.Select(s => new SourceStatus(
            s.Key, s.Value.Path, s.Value.State, s.Value.Revision, s.Value.Commit, s.Value.Errors, s.Value.Since, _watches.TryGetValue(s.Key, out var watch) && watch.Until > now ? watch.Silo : null))]);
    }

    private void Log(string owner, SourceRow? before, SourceRow row)
    {
        if (row.Errors is [var first, ..])
        {
            _log.LogWarning("{Owner} is not applied, {Count} wrong, the first: {Where} {Message}", owner, row.Errors.Length, string.Join(' ', new[] { first.File, first.Line?.ToString(CultureInfo.InvariantCulture), first.Path }.Where(part => part is { Length: > 0 })), first.Message);
        }
        else
        {
            // Who was told that something is wrong is told that it is mended.
            _log.Log(before?.State is SourceState.Failed ? LogLevel.Warning : LogLevel.Information, "{Owner} is applied by revision {Revision}, commit {Commit}", owner, row.Revision, row.Commit ?? "none");
        }
    }

    private async Task TellAsync(SourceClaim claim)
    {
        try
        {
            var author = new Author(claim.Owner, claim.Owner[..claim.Owner.IndexOf(':', StringComparison.Ordinal)], claim.Silo);
            await GrainFactory.GetGrain<IChangeLogGrain>(this.GetPrimaryKeyString()).AppendAsync(new NewChange(ChangeKind.SourceChanged, claim.Owner, author)).WaitAsync(NewsBound, _time);
        }
        catch (Exception e)
        {
            _log.LogWarning(e, "The new state of {Owner} is stored, but could not be told.", claim.Owner);
        }
    }
}
