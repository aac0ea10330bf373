using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Limits;

/// <summary>What is stored of a limit: who holds what, so that a grain activated anew gives nothing twice.</summary>
internal sealed record StoredShares(ImmutableArray<HeldShare> Held)
{
    public StoredShares()
        : this([])
    {
    }
}

/// <summary>The shell around <see cref="ShareTable"/>: gives it the time and the limit, and stores shares that changed before they are answered.</summary>
[GrainType("rate-limit")]
internal sealed class RateLimitGrain : Grain, IRateLimitGrain
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);

    private readonly Durable<StoredShares> _stored;
    private readonly ShareTable _shares = new(Length);
    private readonly TimeProvider _time;
    private readonly long _start;
    private string _name = "";
    private string _subject = "";
    private DeclaredPolicy<LimitResource> _declared = null!;

    public RateLimitGrain([PersistentState("shares")] IPersistentState<StoredShares> stored, TimeProvider time) =>
        (_stored, _time, _start) = (new(this, stored), time, time.GetTimestamp());

    private TimeSpan Now => _time.GetElapsedTime(_start);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (var workspace, _name, _subject) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var first, var name, var subject]
            ? (first, name, subject)
            : throw new InvalidOperationException($"A limit's key is workspace|limit|subject, not '{this.GetPrimaryKeyString()}'.");
        _declared = new(GrainFactory.GetGrain<ICatalogGrain>(workspace), LimitResource.KindName, _name);
        _shares.Restore(_stored.Value.Held, Now);
        return Task.CompletedTask;
    }

    public async Task<RateLease> LeaseAsync(RateDemand demand)
    {
        if (await _declared.AtLeastAsync(demand.Revision) is not { } limit)
        {
            return new RateLease(RateLease.Whole, 0, Length, Declared: false);
        }

        var lease = _shares.Lease(demand, limit.Concurrent ?? 0, Now);
        await StoreAsync();
        return lease;
    }

    public Task ReturnAsync(string edge) => _shares.Return(edge) ? StoreAsync() : Task.CompletedTask;

    public async Task<RateStatus?> GetStatusAsync() => await _declared.NowAsync() is null
        ? null
        : new RateStatus(_name, _subject, [.. _shares.Held(Now).Where(h => h.Left > TimeSpan.Zero).Select(h => new RateShare(h.Edge, (int)h.Share, h.Concurrent, h.Left))]);

    // Only sizes matter to a later activation, which counts each lease from its own beginning.
    private async Task StoreAsync()
    {
        var held = _shares.Held(Now).Select(h => h with { Left = default }).OrderBy(h => h.Edge, StringComparer.Ordinal).ToImmutableArray();
        if (!held.SequenceEqual(_stored.Value.Held))
        {
            await _stored.WriteAsync(new StoredShares(held));
        }
    }
}
