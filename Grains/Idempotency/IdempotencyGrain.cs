using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Grains.Idempotency;

/// <summary>The shell around <see cref="StoredClaim"/>. A lease is not stored each time it is renewed: a grain that is activated anew gives the one that it finds a whole lease.</summary>
[GrainType("idempotency"), CollectionAgeLimit(Minutes = IdleMinutes)]
internal sealed class IdempotencyGrain : Grain, IIdempotencyGrain
{
    // There is one for each key of each request, and hardly any is asked twice.
    private const int IdleMinutes = 2;

    private readonly Durable<StoredClaim> _claim;
    private readonly TimeProvider _time;
    private DateTimeOffset _renewedUntil;

    public IdempotencyGrain([PersistentState("idempotency")] IPersistentState<StoredClaim> claim, TimeProvider time) => (_claim, _time) = (new(this, claim), time);

    private StoredClaim Current => _claim.Value.LeaseEnds >= _renewedUntil ? _claim.Value : _claim.Value with { LeaseEnds = _renewedUntil };

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Whoever has it may have renewed it at the activation before.
        _renewedUntil = _claim.Value is { IsFree: false, Answer: null } ? _time.GetUtcNow() + ClaimTimes.Lease : default;
        return Task.CompletedTask;
    }

    public async Task<ClaimAnswer> ClaimAsync(RequestClaim claim)
    {
        var (answer, next) = Current.Claim(claim, _time.GetUtcNow());
        if (next is not null)
        {
            // On the shelf first: what is stored is always found again.
            await Shelf.Of(GrainFactory, this.GetPrimaryKeyString(), next.WindowEnds).AddAsync(this.GetPrimaryKeyString());
            await WriteAsync(next);
        }

        return answer;
    }

    public Task<bool> RenewAsync(string request)
    {
        var isHeld = _claim.Value.IsUnderWay(request);
        _renewedUntil = isHeld ? _time.GetUtcNow() + ClaimTimes.Lease : _renewedUntil;
        return Task.FromResult(isHeld);
    }

    public Task CompleteAsync(string request, KeptAnswer answer) =>
        _claim.Value.IsUnderWay(request) ? WriteAsync(_claim.Value with { Answer = answer }) : Task.CompletedTask;

    public Task ReleaseAsync(string request) => _claim.Value.IsUnderWay(request) ? ForgetAsync() : Task.CompletedTask;

    public Task ExpireAsync() => Current.HasEnded(_time.GetUtcNow()) ? ForgetAsync() : Task.CompletedTask;

    private async Task WriteAsync(StoredClaim next)
    {
        await _claim.WriteAsync(next);
        _renewedUntil = default;
    }

    private async Task ForgetAsync()
    {
        await _claim.ClearAsync();
        _renewedUntil = default;
        DeactivateOnIdle();
    }
}
