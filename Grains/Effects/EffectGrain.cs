using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Effects;

/// <summary>What is stored of the effects whose minutes are over.</summary>
/// <param name="Effects">Oldest first, at most <see cref="EffectGrain.MostSettled"/>.</param>
internal sealed record StoredSettledEffects(ImmutableArray<RevisionEffect> Effects)
{
    public StoredSettledEffects()
        : this([])
    {
    }
}

/// <summary>The shell around <see cref="StoredEffects"/>: counts what edges report, and keeps what it came to of the last revisions.</summary>
[Reentrant, GrainType("effects")]
internal sealed class EffectGrain : Grain, IEffectGrain
{
    /// <summary>So many settled effects are kept.</summary>
    public const int MostSettled = 200;

    private readonly TimeProvider _time;
    private readonly ReloadMeter _meter;
    private readonly Gathered<StoredEffects> _open;
    private readonly Gathered<StoredSettledEffects> _settled;

    public EffectGrain(
        [PersistentState("effects")] IPersistentState<StoredEffects> open,
        [PersistentState("effects-settled")] IPersistentState<StoredSettledEffects> settled,
        TimeProvider time,
        ReloadMeter meter) =>
        (_time, _meter, _open, _settled) = (time, meter, new(new Durable<StoredEffects>(this, open)), new(new Durable<StoredSettledEffects>(this, settled)));

    private string Workspace => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Show();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _meter.ForgetEffect(Workspace);
        return Task.CompletedTask;
    }

    public async Task RecordAsync(EffectBatch batch)
    {
        var now = _time.GetUtcNow();
        await _open.ChangeAsync(state => state.With(batch, now));
        if (_open.Value.TakeOver(now).Over is { IsEmpty: false } over)
        {
            // Settled first: a silo that is lost in between leaves them twice, and the settled one counts.
            await _settled.ChangeAsync(state => Settle(state, over));
            await _open.ChangeAsync(state => state with { Open = state.Open.RemoveAll(o => over.Any(e => e.Revision == o.Revision)) });
        }

        Show();
    }

    public Task<RevisionEffect?> FindAsync(long revision) => Task.FromResult(All().FirstOrDefault(e => e.Revision == revision));

    public Task<ImmutableArray<RevisionEffect>> ListAsync() => Task.FromResult(All().ToImmutableArray());

    private static StoredSettledEffects Settle(StoredSettledEffects state, ImmutableArray<OpenEffect> over)
    {
        var added = over.Where(o => !state.Effects.Any(e => e.Revision == o.Revision)).Select(o => Comparison.Of(o, isOpen: false)).ToArray();
        return added.Length == 0 ? state : new StoredSettledEffects([.. state.Effects.Concat(added).OrderBy(e => e.Revision).TakeLast(MostSettled)]);
    }

    // Newest first. One whose minutes are over while no edge reports is over all the same.
    private IEnumerable<RevisionEffect> All()
    {
        var now = _time.GetUtcNow();
        var settled = _settled.Value.Effects;
        return _open.Value.Open
            .Where(open => !settled.Any(s => s.Revision == open.Revision))
            .Select(open => Comparison.Of(open, now - open.Since <= StoredEffects.Window))
            .Concat(settled)
            .OrderByDescending(e => e.Revision);
    }

    private void Show()
    {
        if (All().FirstOrDefault() is { } newest)
        {
            _meter.Show(Workspace, newest);
        }
    }
}
