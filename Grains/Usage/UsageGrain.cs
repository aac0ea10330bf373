using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>
/// The shell around <see cref="DayRollup"/>. A batch is one row, stored before it is answered; the sums are worked out from the rows, and stored with where the records are
/// when those are brought to a file. So whatever is lost, the rows and <see cref="StoredDay"/> say all, and no record is in two places. See docs/usage.md.
/// </summary>
[GrainType("usage")]
internal sealed class UsageGrain : Grain, IUsageGrain
{
    private const int MostAnswered = 5_000;
    private const int RowsAtOnce = 16;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly Durable<StoredDay> _day;
    private readonly IPersistentState<StoredDay> _stored;
    private readonly IGrainStorage _storage;
    private readonly IRecordArchive _archive;
    private readonly ILogger<UsageGrain> _log;
    private string _workspace = "";
    private string _tenant = "";
    private int _number;
    private BatchRows _rows = null!;
    private DayRollup _rollup = null!;
    private Compaction _compaction = null!;
    private Task? _compacting;
    private long _next;
    private long _waiting;
    private readonly WaitingRequests _requests = new();

    public UsageGrain(
        [PersistentState("usage")] IPersistentState<StoredDay> day, [FromKeyedServices("Default")] IGrainStorage storage, IRecordArchive archive, ILogger<UsageGrain> log) =>
        (_day, _stored, _storage, _archive, _log) = (new(this, day), day, storage, archive, log);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        (_workspace, _tenant, _number) = GrainKeys.Split(key) is [var workspace, var tenant, var day] && int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (workspace, tenant, number)
            : throw new InvalidOperationException($"A day's key is workspace|tenant|yyyyMMdd, not '{key}'.");
        _rows = new BatchRows(_storage, key);
        _rollup = new DayRollup(_day.Value);
        _next = _day.Value.Summed;

        // Most days that are asked for have no such row, or some.
        for (var count = 1; ; count = RowsAtOnce)
        {
            var some = await Task.WhenAll(Enumerable.Range(0, count).Select(i => _rows.FindAsync(_next + i)));
            foreach (var batch in some.TakeWhile(batch => batch is not null))
            {
                Take(batch!);
            }

            if (some[^1] is null)
            {
                break;
            }
        }

        _compaction = new Compaction(_archive, _rows, $"{_workspace}/{_number.ToString(CultureInfo.InvariantCulture)}/{_tenant}");
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(Look, Look) { Interleave = true });
    }

    public async Task RecordAsync(UsageBatch batch)
    {
        if (_day.Value.IsForgotten || _rollup.NewOf(batch) is not { } fresh)
        {
            return;
        }

        if (_next == _day.Value.FirstWaiting)
        {
            // Before the first row: whoever looks for what there is begins with the list of days.
            await GrainFactory.GetGrain<IUsageDaysGrain>(_workspace).AddAsync(_number);
            await GrainFactory.GetGrain<IUsageDayGrain>(GrainKeys.Join(_workspace, _number.ToString(CultureInfo.InvariantCulture))).AddAsync(_tenant);
        }

        try
        {
            await _rows.AddAsync(_next, fresh);
        }
        catch
        {
            // Whether the row is there is not known: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        Take(fresh);
    }

    public Task<bool> IsWaitingAsync(ulong request) => Task.FromResult(_requests.Has(request, _day.Value.FirstWaiting));

    public Task<DaySums> GetSumsAsync() => Task.FromResult(_rollup.Sums);

    public Task<RecordPlaces> GetPlacesAsync() => Task.FromResult(new RecordPlaces(_day.Value.Files, _day.Value.FirstWaiting, _next));

    public async Task<WaitingRecords> GetWaitingAsync(long fromBatch)
    {
        var records = new List<AttemptRecord>();
        for (var number = Math.Max(fromBatch, _day.Value.FirstWaiting); number < _next; number++)
        {
            if (records.Count >= MostAnswered)
            {
                return new WaitingRecords([.. records], number);
            }

            if (await _rows.FindAsync(number) is { } batch)
            {
                records.AddRange(batch.Records);
            }
            else if (number >= _day.Value.FirstWaiting)
            {
                // Another activation has brought it to a file: whoever looks where records are after this is told so.
                await ReadAnewAsync();
            }
        }

        return new WaitingRecords([.. records], null);
    }

    public Task ReadAnewAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<bool> SettleAsync()
    {
        if (_day.Value.IsForgotten)
        {
            return true;
        }

        await CompactAsync(isOver: true);
        return _next == _day.Value.FirstWaiting && !Compaction.CanMerge(_day.Value);
    }

    public async Task ForgetAsync(bool sums)
    {
        await (_compacting ?? Task.CompletedTask);
        if (!_day.Value.IsForgotten)
        {
            await _day.WriteAsync(_rollup.Store(_day.Value, _next) with
            {
                Files = [], FirstWaiting = _next, Doomed = [.. _day.Value.Doomed, .. _day.Value.Files.Select(file => file.Name)], IsForgotten = true,
            });
        }

        await _compaction.CleanAsync(_day);
        if (sums)
        {
            await _stored.ClearStateAsync();
            DeactivateOnIdle();
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        if (!_day.Value.IsForgotten && (_waiting >= Compaction.EnoughRecords || _next - _day.Value.FirstWaiting >= Compaction.EnoughBatches))
        {
            try
            {
                await CompactAsync(isOver: false);
            }
            catch (Exception failure) when (failure is not InconsistentStateException)
            {
                _log.LogWarning("Records of {Tenant} of {Day} could not be brought to a file and wait: {Reason}", _tenant, _number, failure.Message);
            }
        }
    }

    // What has its row.
    private void Take(UsageBatch batch)
    {
        _rollup.Take(batch);
        _requests.Add(_next, batch.Records, _day.Value.FirstWaiting);
        _next++;
        _waiting += batch.Records.Length;
    }

    private async Task CompactAsync(bool isOver)
    {
        await (_compacting ??= RunAsync());

        async Task RunAsync()
        {
            try
            {
                // Off the caller's turn, so that the field is set before this ends.
                await Task.Yield();
                _waiting = Math.Max(0, _waiting - await _compaction.RunAsync(_day, _next, isOver, day => _rollup.Store(day, _next)));
            }
            finally
            {
                _compacting = null;
            }
        }
    }
}
