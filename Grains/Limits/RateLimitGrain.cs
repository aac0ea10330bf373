using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Limits;

/// <summary>What is stored of a limit, so that a grain activated anew gives nothing twice.</summary>
/// <param name="Held">Who holds what.</param>
/// <param name="SpareRequests">The credit of what nobody held, in millionths of a request.</param>
/// <param name="SpareTokens">The same of tokens.</param>
/// <param name="At">When that was; null: the limit was never used.</param>
internal sealed record StoredShares(ImmutableArray<HeldShare> Held, long SpareRequests, long SpareTokens, DateTimeOffset? At)
{
    public StoredShares()
        : this([], 0, 0, At: null)
    {
    }
}

/// <summary>The shell around <see cref="ShareTable"/>: gives it the time and the limit, and stores shares that changed before they are answered.</summary>
[GrainType("rate-limit"), CollectionAgeLimit(Minutes = IdleMinutes)]
internal sealed class RateLimitGrain : Grain, IRateLimitGrain
{
    // Shares last for seconds: an idle limit's grain holds nothing that is not stored.
    private const int IdleMinutes = 2;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ListenLength = TimeSpan.FromSeconds(10);

    private readonly Durable<StoredShares> _stored;
    private readonly DeclaredPolicies _policies;
    private readonly ShareTable _shares = new(Length);
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly CancellationToken _stopping;
    private TaskCompletionSource _newcomer = NewSignal();
    private TimeSpan _storedAt;
    private string _name = "";
    private string _subject = "";
    private DeclaredPolicy<LimitResource> _declared = null!;

    public RateLimitGrain([PersistentState("shares")] IPersistentState<StoredShares> stored, DeclaredPolicies policies, TimeProvider time, IHostApplicationLifetime host) =>
        (_stored, _policies, _time, _start, _stopping) = (new(this, stored), policies, time, time.GetTimestamp(), host.ApplicationStopping);

    private TimeSpan Now => _time.GetElapsedTime(_start);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (var workspace, _name, _subject) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var first, var name, var subject]
            ? (first, name, subject)
            : throw new InvalidOperationException($"A limit's key is workspace|limit|subject, not '{this.GetPrimaryKeyString()}'.");
        _declared = new(_policies, workspace, LimitResource.KindName, _name);
        if (_stored.Value.At is { } at)
        {
            // The wall clock stands in for the monotonic one of an activation that is no more: should it jump ahead meanwhile, one burst more can pass.
            var since = _time.GetUtcNow() - at;
            _storedAt = Now - (since > TimeSpan.Zero ? since : TimeSpan.Zero);
            _shares.Restore(_stored.Value.Held, (_stored.Value.SpareRequests, _stored.Value.SpareTokens), _storedAt, Now);
        }

        return Task.CompletedTask;
    }

    public async Task<RateLease> LeaseAsync(RateDemand demand)
    {
        if (await _declared.AtLeastAsync(demand.Revision) is not { } limit)
        {
            return new RateLease(RateLease.Whole, 0, Length, Declared: false);
        }

        var lease = _shares.Lease(demand, limit, Now);
        if (lease.Share == 0)
        {
            Wake();
        }

        await StoreAsync();
        return lease;
    }

    public async Task<RateTaken> TakeAsync(RateTake take)
    {
        if (await _declared.AtLeastAsync(take.Revision) is not { } limit)
        {
            return new RateTaken(IsTaken: true, TimeSpan.Zero, IsForTokens: false, IsHeld: false, 0, 0);
        }

        var taken = _shares.Take(take, limit, Now);
        if (taken is { IsTaken: false, IsHeld: true })
        {
            Wake();
        }

        // Before it is answered: an activation after this one must not give it again.
        if (_stored.Value.At is null || _shares.IsBelow((_stored.Value.SpareRequests, _stored.Value.SpareTokens), Now - _storedAt, limit))
        {
            await WriteAsync(_stored.Value.Held, _shares.SpareAhead(limit));
        }

        return taken;
    }

    public async Task ReturnAsync(RateReturn share)
    {
        if (_shares.Return(share, await _declared.AtLeastAsync(0), Now))
        {
            await StoreAsync();
        }
    }

    public async Task<bool> IsAwaitedAsync()
    {
        try
        {
            await _newcomer.Task.WaitAsync(ListenLength, _time, _stopping);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Nobody came, or the silo stops, which must not wait for those who listen.
            return false;
        }
    }

    public async Task<RateStatus?> GetStatusAsync() => await _declared.NowAsync() is null
        ? null
        : new RateStatus(_name, _subject, [.. _shares.Held(Now).Select(h => new RateShare(h.Edge, (int)h.Share, h.Concurrent, h.Left))]);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Credit goes out with shares that grow, so what is stored with the last change of sizes is never more than there is. Only sizes
    // matter to a later activation, which counts each lease from its own beginning.
    private async Task StoreAsync()
    {
        var held = _shares.Held(Now).Select(h => h with { Left = default }).OrderBy(h => h.Edge, StringComparer.Ordinal).ToImmutableArray();
        if (!held.SequenceEqual(_stored.Value.Held))
        {
            await WriteAsync(held, _shares.Spare);
        }
    }

    private async Task WriteAsync(ImmutableArray<HeldShare> held, (long Requests, long Tokens) spare)
    {
        var now = Now;
        await _stored.WriteAsync(new StoredShares(held, spare.Requests, spare.Tokens, _time.GetUtcNow()));
        _storedAt = now;
    }

    // Whoever holds a share asks anew.
    private void Wake()
    {
        (var waiting, _newcomer) = (_newcomer, NewSignal());
        waiting.SetResult();
    }
}
