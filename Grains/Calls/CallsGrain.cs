using System.Collections.Immutable;
using Orleans.Concurrency;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Calls;

/// <summary>The shell around <see cref="Gathering"/>: it has the fleet tell the edges, waits, and lets go of everything that it was told.</summary>
[Reentrant, GrainType("calls")]
public sealed class CallsGrain(TimeProvider time) : Grain, ICallsGrain
{
    // Together less than a message may have, between edge and silo and between silos.
    private const int MostCalls = 20_000;
    private const int MostCharacters = 4 * 1024 * 1024;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private Task<GatheredCalls>? _underWay;
    private Gathering? _gathering;

    public async Task<GatheredCalls> GatherAsync()
    {
        var underWay = _underWay ??= RunAsync();
        try
        {
            return await underWay;
        }
        finally
        {
            if (ReferenceEquals(_underWay, underWay))
            {
                _underWay = null;
            }
        }
    }

    public Task DeliverAsync(CallBatch batch)
    {
        _gathering?.Take(batch);
        return Task.CompletedTask;
    }

    private async Task<GatheredCalls> RunAsync()
    {
        var fleet = GrainFactory.GetGrain<IFleetCallsGrain>(this.GetPrimaryKeyString());
        var wanted = new CallsWanted(time.GetUtcNow().UtcTicks, MostCalls, MostCharacters);

        // There before the edges are told: the first may answer before all have been.
        var gathering = _gathering = new Gathering(wanted.Number);
        try
        {
            gathering.Await(await fleet.WantCallsAsync(wanted));
            await ((Task)gathering.Complete.WaitAsync(Bound, time)).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            return gathering.Result();
        }
        finally
        {
            _gathering = null;
            await fleet.WantCallsAsync(null);
        }
    }
}
