using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Unit.Edge.Identity;

public sealed class KeyCacheTests
{
    private static readonly Pepper Old = new(1, new byte[32]);
    private static readonly Pepper New = new(2, [.. Enumerable.Repeat((byte)7, 32)]);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentDictionary<string, Func<Task<KeyIdentity?>>> _stored = new(StringComparer.Ordinal);
    private readonly string _key = KeyFormat.Create(KeyFormat.ClientPrefix);
    private readonly ActiveRevision _lease;
    private readonly KeyCache _cache;
    private int _asked;

    public KeyCacheTests()
    {
        _lease = new ActiveRevision(_time);
        _lease.TryActivate(EdgeRevision.Empty(HeadOrder.Nothing, "default@0"));
        _lease.Granted(_lease.Now, new LeaseGrant(TimeSpan.FromDays(1), HeadOrder.Nothing, LastChange: 0));
        var cluster = new ScriptedCluster((_, key) => new KeyGrain(this, key));
        _cache = new KeyCache(cluster, new EdgeOptions(), _lease, _time, NullLogger<KeyCache>.Instance);
        _cache.UsePeppers([New, Old]);
    }

    [Fact]
    public async Task A_key_is_asked_for_once_and_then_known()
    {
        Store(New, _key);

        var first = await IdentifyAsync(_key);
        var second = await IdentifyAsync(_key);

        Assert.Equal("k1", first!.Identity.KeyId);
        Assert.Same(first, second);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_mistyped_key_is_refused_without_asking()
    {
        Assert.Null(await IdentifyAsync(_key[..^1] + (_key[^1] == 'a' ? 'b' : 'a')));
        Assert.Null(await IdentifyAsync(KeyFormat.Create(KeyFormat.AdminPrefix)));
        Assert.Null(await IdentifyAsync(""));

        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task A_key_stored_under_an_older_pepper_is_found()
    {
        Store(Old, _key);

        Assert.Equal("k1", (await IdentifyAsync(_key))!.Identity.KeyId);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task All_who_wait_for_one_key_share_one_question()
    {
        var answer = new TaskCompletionSource<KeyIdentity?>();
        Store(New, _key, () => answer.Task);

        var waiting = Enumerable.Range(0, 50).Select(_ => IdentifyAsync(_key)).ToArray();
        answer.SetResult(Identity(New, _key));
        var callers = await Task.WhenAll(waiting);

        Assert.All(callers, caller => Assert.Same(callers[0], caller));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task An_unknown_key_is_remembered_for_a_short_while_only()
    {
        Assert.Null(await IdentifyAsync(_key));
        Assert.Null(await IdentifyAsync(_key));
        Assert.Equal(2, _asked);

        Store(New, _key);
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.NotNull(await IdentifyAsync(_key));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_as_soon_as_the_change_names_it()
    {
        Store(New, _key);
        await IdentifyAsync(_key);

        _stored.Clear();
        _cache.ForgetKey(Hash(New, _key));

        Assert.Null(await IdentifyAsync(_key));
    }

    [Fact]
    public async Task A_suspended_tenant_makes_all_its_keys_unknown_and_no_others()
    {
        var other = KeyFormat.Create(KeyFormat.ClientPrefix);
        Store(New, _key);
        Store(New, other, tenant: "other");
        await IdentifyAsync(_key);
        var known = await IdentifyAsync(other);
        _stored.Clear();

        _cache.ForgetTenant("acme");

        Assert.Null(await IdentifyAsync(_key));
        Assert.Same(known, await IdentifyAsync(other));
    }

    [Fact]
    public async Task An_answer_that_was_on_its_way_when_the_key_was_revoked_is_not_used()
    {
        var answer = new TaskCompletionSource<KeyIdentity?>();
        Store(New, _key, () => answer.Task);
        var waiting = IdentifyAsync(_key);
        await Eventually.HoldsAsync(() => _asked == 1);

        _stored.Clear();
        _cache.ForgetKey(Hash(New, _key));
        answer.SetResult(Identity(New, _key));

        Assert.Null(await waiting);
        Assert.Null(await IdentifyAsync(_key));
    }

    [Fact]
    public async Task A_key_ends_at_its_expiry_without_any_change_telling_so()
    {
        Store(New, _key, () => Task.FromResult<KeyIdentity?>(Identity(New, _key) with { ExpiresAt = _time.GetUtcNow().AddSeconds(30) }));
        Assert.NotNull(await IdentifyAsync(_key));

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Null(await IdentifyAsync(_key));
    }

    [Fact]
    public async Task An_answer_is_asked_for_anew_in_the_background_after_a_minute()
    {
        Store(New, _key);
        await IdentifyAsync(_key);
        _stored.Clear();
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.NotNull(await IdentifyAsync(_key));

        await Eventually.HoldsAsync(() => IdentifyAsync(_key) is { IsCompletedSuccessfully: true } asked && asked.GetAwaiter().GetResult() is null);
    }

    [Fact]
    public async Task A_key_that_was_refused_is_asked_for_again_while_the_lease_does_not_hold()
    {
        Assert.Null(await IdentifyAsync(_key));
        _lease.Leave();
        Store(New, _key);

        Assert.NotNull(await IdentifyAsync(_key));
    }

    [Fact]
    public async Task While_the_lease_does_not_hold_each_use_asks_and_fails_closed_when_nobody_answers()
    {
        Store(New, _key);
        await IdentifyAsync(_key);
        _time.Advance(TimeSpan.FromDays(2));

        Assert.NotNull(await IdentifyAsync(_key));
        Assert.Equal(2, _asked);
        Store(New, _key, () => throw new TimeoutException());

        var waiting = IdentifyAsync(_key);
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return waiting.IsCompleted;
        });
        await Assert.ThrowsAsync<SiloUnreachableException>(() => waiting);
        Assert.InRange(_asked, 4, 60);
    }

    [Fact]
    public async Task A_silo_that_is_lost_is_asked_again_and_another_one_answers()
    {
        Store(New, _key, () => _asked < 3 ? throw new TimeoutException() : Task.FromResult<KeyIdentity?>(Identity(New, _key, "acme")));
        var waiting = IdentifyAsync(_key);
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return waiting.IsCompleted;
        });

        Assert.NotNull(await waiting);
    }

    [Fact]
    public async Task A_question_that_nobody_answers_ends_after_its_bound()
    {
        Store(New, _key, () => new TaskCompletionSource<KeyIdentity?>().Task);
        var waiting = IdentifyAsync(_key);
        await Eventually.HoldsAsync(() => _asked == 1);

        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            return waiting.IsCompleted;
        });

        await Assert.ThrowsAsync<SiloUnreachableException>(() => waiting);
    }

    [Fact]
    public async Task A_flood_of_unknown_keys_asks_no_more_than_the_bound_at_one_time()
    {
        var keys = Enumerable.Range(0, 300).Select(_ => KeyFormat.Create(KeyFormat.ClientPrefix)).ToArray();
        foreach (var key in keys)
        {
            Store(New, key, () => new TaskCompletionSource<KeyIdentity?>().Task);
        }

        var refused = 0;
        foreach (var key in keys)
        {
            try
            {
                _ = IdentifyAsync(key);
            }
            catch (SiloUnreachableException)
            {
                refused++;
            }
        }

        Assert.Equal(300 - 256, refused);
        await Eventually.HoldsAsync(() => _asked == 256);
    }

    [Fact]
    public void Before_the_edge_is_registered_no_key_is_known()
    {
        var cache = new KeyCache(new ScriptedCluster((_, _) => this), new EdgeOptions(), _lease, _time, NullLogger<KeyCache>.Instance);

        Assert.Throws<SiloUnreachableException>(() => { _ = cache.IdentifyAsync(_key.AsMemory(), CancellationToken.None); });
    }

    [Fact]
    public async Task A_known_key_is_identified_without_allocating()
    {
        Store(New, _key);
        var key = _key.AsMemory();
        await IdentifyAsync(_key);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var all = true;
        for (var i = 0; i < 100; i++)
        {
            all &= _cache.IdentifyAsync(key, CancellationToken.None).IsCompletedSuccessfully;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(all);
    }

    private static string Hash(Pepper pepper, string key) => KeyFormat.Hash(pepper.Version, pepper.Value, key);

    private static KeyIdentity Identity(Pepper pepper, string key, string tenant = "acme") =>
        new(tenant, "k1", null, null, ImmutableArray<string>.Empty, Hash(pepper, key));

    private void Store(Pepper pepper, string key, Func<Task<KeyIdentity?>>? answer = null, string tenant = "acme") =>
        _stored[Hash(pepper, key)] = answer ?? (() => Task.FromResult<KeyIdentity?>(Identity(pepper, key, tenant)));

    private Task<Caller?> IdentifyAsync(string key) => _cache.IdentifyAsync(key.AsMemory(), TestContext.Current.CancellationToken).AsTask();

    private sealed class KeyGrain(KeyCacheTests test, string key) : IEdgeKeyGrain
    {
        public Task<KeyIdentity?> IdentifyAsync()
        {
            Interlocked.Increment(ref test._asked);
            return test._stored.TryGetValue(GrainKeys.Split(key)[1], out var answer) ? answer() : Task.FromResult<KeyIdentity?>(null);
        }
    }
}
