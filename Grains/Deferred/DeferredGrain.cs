using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Deferred;

/// <summary>
/// The shell around <see cref="StoredDeferred"/>: one call at a time. What it does to budgets and usage may be repeated: a lease closes once, and a record counts once by its sequence number. So what
/// is stored first says what is to be done, and is let go of when all of it was answered.
/// </summary>
[GrainType("deferred")]
internal sealed class DeferredGrain : Grain, IDeferredGrain
{
    // Longer than any file is uploaded. One that was given up is not asked for any more, so this is no time by which something that was begun is given back.
    private static readonly TimeSpan GivenUp = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RecallBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RecallPause = TimeSpan.FromMilliseconds(100);
    private const int PartOfAge = 10;

    private readonly Durable<StoredDeferred> _works;
    private readonly Durable<StoredListing> _listing;
    private readonly TimeProvider _time;
    private readonly ILogger<DeferredGrain> _log;
    private readonly Dictionary<long, DateTimeOffset> _looks = [];
    private string _workspace = "";
    private string _tenant = "";

    public DeferredGrain(
        [PersistentState("deferred")] IPersistentState<StoredDeferred> works, [PersistentState("deferred-listing")] IPersistentState<StoredListing> listing, TimeProvider time, ILogger<DeferredGrain> log) =>
        (_works, _listing, _time, _log) = (new(this, works), new(this, listing), time, log);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_workspace, _tenant) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var tenant] ? (workspace, tenant)
            : throw new InvalidOperationException($"The key of deferred works is workspace|tenant, not '{this.GetPrimaryKeyString()}'.");
        return Task.CompletedTask;
    }

    public async Task<HoldAnswer> HoldAsync(DeferredWork work)
    {
        if (_works.Value.Find(work.Id) is { State: not WorkState.Holding })
        {
            return new HoldAnswer(HoldOutcome.Held, -1, null);
        }

        if (_works.Value.Works.Length >= IDeferredGrain.MostOpen)
        {
            return new HoldAnswer(HoldOutcome.TooMany, -1, null);
        }

        await Directory.AddAsync(_tenant);
        await _works.WriteAsync(_works.Value.With(work, _time.GetUtcNow()));
        var held = _works.Value.Works[^1];
        for (var level = 0; level < work.Budgets.Length; level++)
        {
            var answer = await BorrowAsync(held, level);
            held = held with { Windows = held.Windows.SetItem(level, answer.Declared ? answer.Window : StoredWork.Undeclared) };
            if (answer.Declared && answer.Amount < work.Budgets[level].Amount)
            {
                await CloseAsync(held);
                return new HoldAnswer(HoldOutcome.Refused, level, answer);
            }
        }

        await _works.WriteAsync(_works.Value.With(held with { State = WorkState.Held }));
        return new HoldAnswer(HoldOutcome.Held, -1, null);
    }

    public async Task<bool> PrepareAsync(string id, string input)
    {
        if (_works.Value.Find(id) is not { State: WorkState.Held } work)
        {
            return false;
        }

        await _works.WriteAsync(_works.Value.With(work with { State = WorkState.Asked, Input = input, At = _time.GetUtcNow() }));
        return true;
    }

    public async Task StartAsync(string id, string place, ListedWork? listed)
    {
        if (_works.Value.Find(id) is { State: WorkState.Asked } work)
        {
            await _works.WriteAsync(_works.Value.With(work with { State = WorkState.Started, Place = place }));
            if (listed is not null)
            {
                await _listing.WriteAsync(_listing.Value.With(listed));
            }
        }
    }

    public Task DropAsync(string id) => _works.Value.Find(id) is { State: WorkState.Holding or WorkState.Held or WorkState.Asked } work ? CloseAsync(work) : Task.CompletedTask;

    public async Task EndAsync(string id, DeferredEnd end)
    {
        if (_works.Value.Find(id) is { State: WorkState.Asked or WorkState.Started } work)
        {
            await _works.WriteAsync(_works.Value.End(work, end, _time.GetUtcNow()));
        }

        await SettleAsync();
    }

    public async Task<ImmutableArray<OpenWork>> DueAsync()
    {
        await SettleAsync();
        var now = _time.GetUtcNow();
        foreach (var work in _works.Value.Works.Where(w => w.State is WorkState.Holding || (w.State is WorkState.Held && now - w.At > GivenUp)))
        {
            // Nobody holds it just now, for calls come one after the other.
            await CloseAsync(work);
        }

        if (_works.Value.Works.IsEmpty)
        {
            await Directory.RemoveAsync(_tenant);
        }

        var due = _works.Value.Works.Where(w => w.State is WorkState.Asked or WorkState.Started && LookOf(w) <= now).ToImmutableArray();
        foreach (var work in due)
        {
            _looks[work.Serial] = now + NextLook(work, now);
        }

        return [.. due.Select(w => w.Open)];
    }

    public Task<OpenWork?> OpenAsync(string provider, string place) => Task.FromResult(_works.Value.Find(provider, place)?.Open);

    public Task<ListedWork?> FindAsync(string provider, string place) => Task.FromResult(_listing.Value.Find(provider, place));

    public Task ShowAsync(ListedWork listed) => _listing.Value.Find(listed.Provider, listed.Place) is { } before && before != listed ? _listing.WriteAsync(_listing.Value.With(listed)) : Task.CompletedTask;

    public Task<ListedPage> ListAsync(string? after, int limit) => Task.FromResult(_listing.Value.List(after, limit));

    private IDeferredDirectoryGrain Directory => GrainFactory.GetGrain<IDeferredDirectoryGrain>(_workspace);

    private DateTimeOffset LookOf(StoredWork work) => _looks.GetValueOrDefault(work.Serial, work.At + FirstLook);

    // The older it is, the later it is worth a look: seldom to be late by more than a tenth of what it took.
    private static TimeSpan NextLook(StoredWork work, DateTimeOffset now) => (now - work.At) / PartOfAge is var part && part < FirstLook ? FirstLook : part > LongestLook ? LongestLook : part;

    private IEdgeBudgetGrain BudgetOf(StoredWork work, int level) => GrainFactory.GetGrain<IEdgeBudgetGrain>(GrainKeys.Join(_workspace, work.Work.Budgets[level].Budget, work.Work.Budgets[level].Subject));

    private async Task<BorrowAnswer> BorrowAsync(StoredWork work, int level)
    {
        var amount = work.Work.Budgets[level].Amount;
        var request = new BorrowRequest(work.HolderOf(_tenant), 1, amount, 0, work.Work.Revision, null, amount);
        var begun = _time.GetTimestamp();
        while (true)
        {
            var answer = await BudgetOf(work, level).BorrowAsync(request);
            if (answer.Recall == 0 || answer.Amount >= amount || _time.GetElapsedTime(begun) > RecallBound)
            {
                return answer;
            }

            // Edges were asked for what they hold unused.
            request = request with { Recall = answer.Recall };
            await Task.Delay(RecallPause, _time);
        }
    }

    // In the order in which they ended, for usage is told by number. What cannot be told now is told when somebody asks next what is due.
    private async Task SettleAsync()
    {
        foreach (var work in _works.Value.Ended)
        {
            try
            {
                await SettleAsync(work);
            }
            catch (Exception failure)
            {
                _log.LogWarning("What a work of {Tenant} has used is kept and told again: {Reason}", _tenant, failure.Message);
                return;
            }
        }
    }

    private async Task SettleAsync(StoredWork work)
    {
        // Before the leases close: no budget may tell of what usage does not know.
        var record = work.RecordOf(_tenant);
        var day = GrainKeys.Join(_workspace, _tenant, UsageRows.DayOf(record.Ended).ToString(CultureInfo.InvariantCulture));
        await GrainFactory.GetGrain<IEdgeUsageGrain>(day).RecordAsync(new UsageBatch(record.Edge, record.Sequence, [], [record]));
        await CloseAsync(work);
    }

    private async Task CloseAsync(StoredWork work)
    {
        foreach (var (level, report) in work.LastReports(_tenant))
        {
            await BudgetOf(work, level).ReportAsync(report);
        }

        await _works.WriteAsync(_works.Value.Without(work));
        _looks.Remove(work.Serial);
    }
}
