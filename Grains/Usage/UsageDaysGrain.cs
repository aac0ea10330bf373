using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>What was done with a day that is over.</summary>
internal enum DayStage
{
    /// <summary>Records may wait outside of files.</summary>
    Open,

    /// <summary>All records are in as few files as can be.</summary>
    Settled,

    /// <summary>The records were let go.</summary>
    Forgotten,
}

/// <summary>A day and how far it has come.</summary>
internal readonly record struct DayEntry(int Day, DayStage Stage);

/// <summary>The days of a workspace, as stored, oldest first.</summary>
internal sealed record StoredDays(ImmutableArray<DayEntry> Days)
{
    public StoredDays()
        : this([])
    {
    }

    /// <summary>The stage of a day; null: it is not known.</summary>
    public DayStage? StageOf(int day)
    {
        foreach (var entry in Days)
        {
            if (entry.Day == day)
            {
                return entry.Stage;
            }
        }

        return null;
    }

    /// <summary>With a day in a stage; null: without it.</summary>
    public StoredDays With(int day, DayStage? stage)
    {
        var others = Days.Where(entry => entry.Day != day);
        return new([.. (stage is { } one ? others.Append(new DayEntry(day, one)) : others).OrderBy(entry => entry.Day)]);
    }
}

/// <summary>The days of a workspace, and what becomes of them with time: settled once they are over, let go once they are old.</summary>
[Reentrant, GrainType("usage-days")]
internal sealed class UsageDaysGrain : Grain, IUsageDaysGrain
{
    private const int TenantsAtOnce = 500;
    private const int CallsAtOnce = 8;

    // Edges send what they counted at the end of a day some seconds into the next one.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WorkBound = TimeSpan.FromSeconds(20);

    private readonly Durable<StoredDays> _days;
    private readonly UsageOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private string _workspace = "";
    private bool _isWorking;

    public UsageDaysGrain([PersistentState("usage-days")] IPersistentState<StoredDays> days, IOptions<UsageOptions> options, TimeProvider time) =>
        (_days, _options, _time) = (new(this, days), options.Value, time);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _workspace = this.GetPrimaryKeyString();
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<int>> ListAsync() => Task.FromResult<ImmutableArray<int>>([.. _days.Value.Days.Select(entry => entry.Day)]);

    public async Task AddAsync(int day)
    {
        // One that was settled has something to settle again.
        if (IsUnknownOrSettled(_days.Value))
        {
            await ChangeAsync(days => IsUnknownOrSettled(days) ? days.With(day, DayStage.Open) : days);
        }

        bool IsUnknownOrSettled(StoredDays days) => days.StageOf(day) is null or DayStage.Settled;
    }

    public async Task UpkeepAsync()
    {
        if (_isWorking)
        {
            return;
        }

        _isWorking = true;
        try
        {
            var begun = _time.GetTimestamp();
            foreach (var (day, stage) in _days.Value.Days)
            {
                if (Due(day, stage) is { } due && !await BringAsync(day, due, begun))
                {
                    return;
                }
            }
        }
        finally
        {
            _isWorking = false;
        }
    }

    // What is due; Open stands for letting all go.
    private DayStage? Due(int day, DayStage stage)
    {
        var kept = _options.Of(_workspace);
        var age = _time.GetUtcNow() - UsageRows.EndOf(day);
        return kept.SumDays != 0 && age > TimeSpan.FromDays(kept.SumDays) ? DayStage.Open
            : kept.RecordDays != 0 && age > TimeSpan.FromDays(kept.RecordDays) && stage is not DayStage.Forgotten ? DayStage.Forgotten
            : age > Grace && stage is DayStage.Open ? DayStage.Settled
            : null;
    }

    // False: there is more to do than may be done at once.
    private async Task<bool> BringAsync(int day, DayStage due, long begun)
    {
        var text = day.ToString(CultureInfo.InvariantCulture);
        var tenants = GrainFactory.GetGrain<IUsageDayGrain>(GrainKeys.Join(_workspace, text));
        string? after = null;
        while (true)
        {
            var names = await tenants.ListAsync(after, TenantsAtOnce);
            foreach (var some in names.Chunk(CallsAtOnce))
            {
                await Task.WhenAll(some.Select(tenant => BringAsync(GrainKeys.Join(_workspace, tenant, text), due)));
                if (_time.GetElapsedTime(begun) > WorkBound)
                {
                    return false;
                }
            }

            if (names.Length < TenantsAtOnce)
            {
                break;
            }

            after = names[^1];
        }

        if (due is DayStage.Open)
        {
            await tenants.ClearAsync();
            await ChangeAsync(days => days.With(day, null));
        }
        else
        {
            await ChangeAsync(days => days.With(day, due));
        }

        return true;
    }

    private async Task BringAsync(string key, DayStage due)
    {
        var grain = GrainFactory.GetGrain<IUsageGrain>(key);
        if (due is DayStage.Settled)
        {
            while (!await grain.SettleAsync())
            {
                // Each call brings some of it; it ends, for each leaves fewer files or fewer batches.
            }
        }
        else
        {
            await GrainFactory.GetGrain<IFeedbackGrain>(key).ForgetAsync();
            await grain.ForgetAsync(sums: due is DayStage.Open);
        }
    }

    private async Task ChangeAsync(Func<StoredDays, StoredDays> change)
    {
        await _turn.WaitAsync();
        try
        {
            if (change(_days.Value) is var next && !ReferenceEquals(next, _days.Value))
            {
                await _days.WriteAsync(next);
            }
        }
        finally
        {
            _turn.Release();
        }
    }
}
