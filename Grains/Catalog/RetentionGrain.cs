using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Catalog;

/// <summary>The shell around <see cref="RetentionRow"/>: looks after each publish, and lets go a bounded number of bodies; the rest at another look soon after.</summary>
[GrainType("retention")]
internal sealed class RetentionGrain : Grain, IRetentionGrain
{
    private const int MostAtOnce = 100;
    private const int MostPinned = 1_000;

    // Edges tell what they serve once a second.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private readonly Durable<RetentionRow> _row;
    private readonly IGrainStorage _storage;
    private readonly RetentionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RetentionGrain> _log;
    private HeadStore _heads = null!;
    private RevisionStore _revisions = null!;
    private IGrainTimer _again = null!;

    public RetentionGrain(
        [PersistentState("retention")] IPersistentState<RetentionRow> row,
        [FromKeyedServices("Default")] IGrainStorage storage,
        IOptions<RetentionOptions> options,
        TimeProvider time,
        ILogger<RetentionGrain> log) => (_row, _storage, _options, _time, _log) = (new(this, row), storage, options.Value, time, log);

    private ICatalogGrain Catalog => GrainFactory.GetGrain<ICatalogGrain>(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _heads = HeadStore.Of(GrainFactory, this.GetPrimaryKeyString(), _storage, _log);
        _revisions = new RevisionStore(new RevisionTable(_storage, this.GetPrimaryKeyString()), _heads);
        _again = this.RegisterGrainTimer(_ => LookAsync(), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public async Task LookAsync()
    {
        await SettleAsync();
        var wanted = (await Catalog.GetHeadAsync()).Revision - _options.Last;
        if (wanted <= _row.Value.Through && _row.Value.Loose.IsEmpty)
        {
            return;
        }

        var isHeldUp = true;
        if (await ServedAsync() is { } served)
        {
            var most = Math.Min(Math.Min(wanted, served.DefaultIfEmpty(long.MaxValue).Min() - 1), _row.Value.Through + MostAtOnce);
            var next = _row.Value.Release(await OldAsync(most), served.Contains);
            if (!ReferenceEquals(next, _row.Value))
            {
                await _row.WriteAsync(next);
                await SettleAsync();
            }

            // What is still too young is looked at again with a later publish, and not before.
            isHeldUp = (most < wanted && next.Through >= most) || !next.Loose.IsEmpty;
        }

        if (isHeldUp)
        {
            _again.Change(Again, Timeout.InfiniteTimeSpan);
        }
    }

    public async Task<PinOutcome> PinAsync(long number)
    {
        if (number < 1 || number > (await Catalog.GetHeadAsync()).Revision)
        {
            return PinOutcome.Unknown;
        }

        if (_row.Value.Pinned.Contains(number))
        {
            return PinOutcome.Pinned;
        }

        if (_row.Value.Kept().IsPruned(number))
        {
            return PinOutcome.Pruned;
        }

        if (_row.Value.Pinned.Count >= MostPinned)
        {
            return PinOutcome.TooMany;
        }

        await _row.WriteAsync(_row.Value.Pin(number));
        return PinOutcome.Pinned;
    }

    public async Task<bool> UnpinAsync(long number)
    {
        if (!_row.Value.Pinned.Contains(number))
        {
            return false;
        }

        await _row.WriteAsync(_row.Value.Unpin(number));
        return true;
    }

    public Task<KeptRevisions> GetAsync() => Task.FromResult(_row.Value.Kept());

    private async Task SettleAsync()
    {
        var owed = _row.Value.Owed().ToArray();
        if (owed.Length == 0 && _row.Value.Gone == _row.Value.Through)
        {
            return;
        }

        foreach (var number in owed)
        {
            await _revisions.PruneAsync(number);
        }

        await _row.WriteAsync(_row.Value.Settle());
        _log.LogInformation("The bodies of {Count} revisions of {Workspace} up to {Through} were let go.", owed.Length, this.GetPrimaryKeyString(), _row.Value.Through);
    }

    // Null: an edge that may serve something has not said what. Nothing is let go then.
    private async Task<HashSet<long>?> ServedAsync()
    {
        var listed = (await _heads.ReadAsync()).Row.Edges.Keys;
        var live = (await GrainFactory.GetGrain<IFleetGrain>(this.GetPrimaryKeyString()).GetEdgesAsync()).ToDictionary(e => e.Report.Hello.Edge, e => e.Report.Active.Revision, StringComparer.Ordinal);
        return listed.All(edge => live.TryGetValue(edge, out var revision) && revision > 0) ? [.. live.Values] : null;
    }

    // Ages grow with the numbers: what lies before the first young one is old.
    private async Task<long> OldAsync(long upTo)
    {
        var through = _row.Value.Through;
        if (upTo <= through || _options.Days == 0)
        {
            return upTo;
        }

        var young = _time.GetUtcNow() - TimeSpan.FromDays(_options.Days);
        var history = await Catalog.GetHistoryAsync(upTo + 1, (int)(upTo - through));
        return history.FirstOrDefault(r => r.At < young)?.Number ?? through;
    }
}
