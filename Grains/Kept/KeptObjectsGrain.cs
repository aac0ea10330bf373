using Orleans.Runtime;
using Sluice.Grains.Interfaces.Kept;

namespace Sluice.Grains.Kept;

/// <summary>The shell around <see cref="StoredKept"/>.</summary>
[GrainType("kept-objects")]
internal sealed class KeptObjectsGrain : Grain, IKeptObjectsGrain
{
    private readonly Durable<StoredKept> _kept;
    private readonly TimeProvider _time;

    public KeptObjectsGrain([PersistentState("kept-objects")] IPersistentState<StoredKept> kept, TimeProvider time) => (_kept, _time) = (new(this, kept), time);

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    public Task AddAsync(KeptObject kept) => _kept.WriteAsync(_kept.Value.With(kept, Now));

    public Task RemoveAsync(string provider, string place)
    {
        var next = _kept.Value.Without(provider, place);
        return ReferenceEquals(next, _kept.Value) ? Task.CompletedTask : _kept.WriteAsync(next);
    }

    public Task<KeptPage> ListAsync(KeptQuery query) => Task.FromResult(_kept.Value.List(query, Now));
}
