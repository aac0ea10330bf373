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
    private static readonly TimeSpan TurnBound = TimeSpan.FromSeconds(12);

    // By the model whose targets are asked for; empty: calls are. One runs at a time, for edges hear of the newest question alone.
    private readonly Dictionary<string, Task<GatheredCalls>> _underWay = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private Gathering? _gathering;

    public Task<GatheredCalls> GatherAsync() => ShareAsync("");

    public Task<GatheredCalls> GatherTargetsAsync(string model) => ShareAsync(model);

    public Task DeliverAsync(CallBatch batch)
    {
        _gathering?.Take(batch);
        return Task.CompletedTask;
    }

    private async Task<GatheredCalls> ShareAsync(string targetsOf)
    {
        if (!_underWay.TryGetValue(targetsOf, out var underWay))
        {
            _underWay.Add(targetsOf, underWay = RunAsync(targetsOf));
        }

        try
        {
            return await underWay;
        }
        finally
        {
            if (ReferenceEquals(_underWay.GetValueOrDefault(targetsOf), underWay))
            {
                _underWay.Remove(targetsOf);
            }
        }
    }

    private async Task<GatheredCalls> RunAsync(string targetsOf)
    {
        using var bound = new CancellationTokenSource(TurnBound, time);
        try
        {
            await _turn.WaitAsync(bound.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException("Others ask edges for so much that this was not asked in time.", late);
        }

        try
        {
            return await AskAsync(targetsOf);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<GatheredCalls> AskAsync(string targetsOf)
    {
        var fleet = GrainFactory.GetGrain<IFleetCallsGrain>(this.GetPrimaryKeyString());
        var wanted = new CallsWanted(time.GetUtcNow().UtcTicks, MostCalls, MostCharacters, targetsOf.Length > 0 ? targetsOf : null);

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
