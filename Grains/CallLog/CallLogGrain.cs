using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.CallLog;

/// <summary>
/// Writes what edges send, all that waits at once: a file for each hour, then the row that says that the files are of the day, then the edges are answered. The name of the next file stands in the row
/// before it is written, so that a silo that is lost in between leaves nothing behind; where two activations write, the row's version lets one of them through. See docs/calls.md.
/// </summary>
[Reentrant, GrainType("call-log")]
internal sealed class CallLogGrain : Grain, ICallLogGrain
{
    private const int MostWaiting = 100_000;
    private const int MostDoomed = 200;

    // What comes meanwhile goes into the same file.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    private readonly Durable<StoredCallDay> _day;
    private readonly IPersistentState<StoredCallDay> _stored;
    private readonly ICallArchive _archive;
    private readonly TimeProvider _time;
    private readonly ILogger<CallLogGrain> _log;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private string _workspace = "";
    private int _number;
    private List<LoggedCalls> _waiting = [];
    private int _waitingCalls;
    private Task? _writing;
    private bool _isOwn;

    public CallLogGrain([PersistentState("call-log")] IPersistentState<StoredCallDay> day, ICallArchive archive, TimeProvider time, ILogger<CallLogGrain> log) =>
        (_day, _stored, _archive, _time, _log) = (new(this, day), day, archive, time, log);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        (_workspace, _number) = GrainKeys.Split(key) is [var workspace, var day] && int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (workspace, number)
            : throw new InvalidOperationException($"A day's key is workspace|yyyyMMdd, not '{key}'.");
        return Task.CompletedTask;
    }

    public Task AppendAsync(LoggedCalls batch)
    {
        if (_day.Value.IsForgotten || batch.Calls.IsEmpty || batch.Number <= _day.Value.Counted.GetValueOrDefault(batch.Edge, long.MinValue))
        {
            return Task.CompletedTask;
        }

        if (_waitingCalls + batch.Calls.Length > MostWaiting)
        {
            throw new InvalidOperationException($"More than {MostWaiting} calls wait to be written.");
        }

        // One that waits already is not written twice, and its repeat is answered with it.
        if (!_waiting.Exists(other => other.Number == batch.Number && string.Equals(other.Edge, batch.Edge, StringComparison.Ordinal)))
        {
            _waiting.Add(batch);
            _waitingCalls += batch.Calls.Length;
        }

        return _writing ??= WriteSoonAsync();
    }

    public Task<ImmutableArray<CallFile>> FilesAsync(int fromHour, int toHour) =>
        Task.FromResult<ImmutableArray<CallFile>>([.. _day.Value.Files.Where(file => file.Hour >= fromHour && file.Hour <= toHour)]);

    public async Task<bool> MergeAsync()
    {
        await _turn.WaitAsync();
        try
        {
            return !await MergeSomeAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task ForgetAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await _day.WriteAsync(_day.Value with { Files = [], Doomed = [.. _day.Value.Doomed, .. _day.Value.Files.Select(file => file.Name)], IsForgotten = true });
            foreach (var name in _day.Value.Doomed)
            {
                await _archive.RemoveAsync(name);
            }

            await _stored.ClearStateAsync();
            DeactivateOnIdle();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task WriteSoonAsync()
    {
        await Task.Delay(Gathering, _time);
        await _turn.WaitAsync();
        try
        {
            // From here on what comes waits for the next write.
            var (batches, _) = (_waiting, _writing = null);
            (_waiting, _waitingCalls) = ([], 0);
            await WriteAsync(batches);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task WriteAsync(List<LoggedCalls> batches)
    {
        // What another write has brought meanwhile is a repeat.
        var counted = _day.Value.Counted;
        batches.RemoveAll(batch => batch.Number <= counted.GetValueOrDefault(batch.Edge, long.MinValue));
        if (batches.Count == 0)
        {
            return;
        }

        if (_day.Value.Files.IsEmpty)
        {
            await GrainFactory.GetGrain<ICallDaysGrain>(_workspace).AddAsync(_number);
        }

        var hours = batches.SelectMany(batch => batch.Calls).GroupBy(call => call.Ended.UtcDateTime.Hour).ToList();
        var names = await ReserveAsync([.. hours.Select(hour => hour.Key)]);
        var files = new List<CallFile>();
        foreach (var (hour, name) in hours.Zip(names))
        {
            var calls = hour.OrderBy(call => call.Ended).ToList();
            await _archive.WriteAsync(name, await Task.Run(() => CallParquet.WriteAsync(calls)));
            files.Add(new CallFile(name, hour.Key, calls.Count));
        }

        await StoreAsync(files, [], batches.GroupBy(batch => batch.Edge, StringComparer.Ordinal).Select(edge => KeyValuePair.Create(edge.Key, edge.Max(batch => batch.Number))));
        await MergeSomeAsync();
    }

    // Names that stand in the row before they are written; the one for the hour under way stands there already, as a rule.
    private async Task<string[]> ReserveAsync(int[] hours)
    {
        var free = _isOwn ? hours.Select(Reserved).ToArray() : [.. hours.Select(_ => (string?)null)];
        if (free.Any(name => name is null))
        {
            free = [.. hours.Select((hour, i) => free[i] ?? NewName(hour))];
            var left = _day.Value.Doomed;
            await _day.WriteAsync(_day.Value with { Doomed = left.Union(free, StringComparer.Ordinal).ToImmutableArray()! });
            if (!_isOwn)
            {
                // The row is this activation's: what another one was about to write is not of the day.
                await RemoveAsync(left);
            }

            _isOwn = true;
        }

        return free!;
    }

    private string? Reserved(int hour) => _day.Value.Doomed.LastOrDefault(name => name.StartsWith(FolderOf(hour), StringComparison.Ordinal) && !_removed.Contains(name));

    private async Task StoreAsync(IReadOnlyList<CallFile> added, ImmutableArray<CallFile> merged, IEnumerable<KeyValuePair<string, long>> counted)
    {
        // One name of each hour that was written is kept for its next file.
        var doomed = _day.Value.Doomed.Except(added.Select(file => file.Name), StringComparer.Ordinal).Except(_removed, StringComparer.Ordinal)
            .Concat(merged.Select(file => file.Name)).Concat(added.Select(file => NewName(file.Hour))).TakeLast(MostDoomed).ToImmutableArray();
        await _day.WriteAsync(_day.Value with
        {
            Files = [.. _day.Value.Files.Except(merged).Concat(added).OrderBy(file => file.Name, StringComparer.Ordinal)],
            Doomed = doomed,
            Counted = _day.Value.Counted.SetItems(counted),
        });
        _removed.Clear();
    }

    private async Task<bool> MergeSomeAsync()
    {
        if (CallMerge.Choose(_day.Value.Files, OpenHour()) is not { IsEmpty: false } chosen)
        {
            return false;
        }

        var contents = new List<byte[]>();
        foreach (var file in chosen)
        {
            contents.Add(await _archive.ReadAsync(file.Name) ?? throw new InvalidDataException($"The file {file.Name} of the call log is missing: it was removed by something else than Sluice."));
        }

        var name = (await ReserveAsync([chosen[0].Hour]))[0];
        await _archive.WriteAsync(name, await Task.Run(() => CallParquet.MergeAsync(contents)));
        await StoreAsync([new CallFile(name, chosen[0].Hour, chosen.Sum(file => file.Calls))], chosen, []);
        await RemoveAsync(chosen.Select(file => file.Name));
        return true;
    }

    // What could not be removed stands in the row until it is.
    private async Task RemoveAsync(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            try
            {
                await _archive.RemoveAsync(name);
                _removed.Add(name);
            }
            catch (Exception failure)
            {
                _log.LogWarning("The file {Name} of the call log could not be removed: {Reason}", name, failure.Message);
            }
        }
    }

    // Some seconds after an hour edges still send what ended in it.
    private int OpenHour()
    {
        var late = _time.GetUtcNow().AddMinutes(-2);
        return UsageRows.DayOf(late) > _number ? CallMerge.HoursOfDay : late.UtcDateTime.Hour;
    }

    private string NewName(int hour) => $"{FolderOf(hour)}{Guid.CreateVersion7(_time.GetUtcNow()):n}.parquet";

    private string FolderOf(int hour) => string.Create(CultureInfo.InvariantCulture, $"{_workspace}/{_number}/{hour:00}/");
}
