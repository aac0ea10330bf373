using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.CallLog;

/// <summary>The days of the call log, and what becomes of them with time: their files merged once they are over, let go once they are old.</summary>
[Reentrant, GrainType("call-days")]
internal sealed class CallDaysGrain([PersistentState("call-days")] IPersistentState<StoredCallDays> days, IOptions<CallLogOptions> options, TimeProvider time) : Grain, ICallDaysGrain
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WorkBound = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turn = new(1);
    private Durable<StoredCallDays>? _durable;
    private bool _isWorking;

    private Durable<StoredCallDays> Days => _durable ??= new(this, days);

    public Task<ImmutableArray<int>> ListAsync() => Task.FromResult<ImmutableArray<int>>([.. Days.Value.Days]);

    public Task AddAsync(int day) => ChangeAsync(known => known with { Days = known.Days.Add(day), Merged = known.Merged.Remove(day) });

    public async Task UpkeepAsync()
    {
        if (_isWorking)
        {
            return;
        }

        _isWorking = true;
        try
        {
            var begun = time.GetTimestamp();
            foreach (var day in Days.Value.Days)
            {
                await LookAfterAsync(day, begun);
                if (time.GetElapsedTime(begun) > WorkBound)
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

    private async Task LookAfterAsync(int day, long begun)
    {
        var age = time.GetUtcNow() - UsageRows.EndOf(day);
        var log = GrainFactory.GetGrain<ICallLogGrain>(GrainKeys.Join(this.GetPrimaryKeyString(), day.ToString(CultureInfo.InvariantCulture)));
        if (options.Value.Days != 0 && age > TimeSpan.FromDays(options.Value.Days))
        {
            await log.ForgetAsync();
            await ChangeAsync(known => known with { Days = known.Days.Remove(day), Merged = known.Merged.Remove(day) });
        }
        else if (age > Grace && !Days.Value.Merged.Contains(day))
        {
            while (!await log.MergeAsync())
            {
                if (time.GetElapsedTime(begun) > WorkBound)
                {
                    return;
                }
            }

            await ChangeAsync(known => known.Days.Contains(day) ? known with { Merged = known.Merged.Add(day) } : known);
        }
    }

    private async Task ChangeAsync(Func<StoredCallDays, StoredCallDays> change)
    {
        await _turn.WaitAsync();
        try
        {
            var next = change(Days.Value);
            if (!ReferenceEquals(next.Days, Days.Value.Days) || !ReferenceEquals(next.Merged, Days.Value.Merged))
            {
                await Days.WriteAsync(next);
            }
        }
        finally
        {
            _turn.Release();
        }
    }
}
