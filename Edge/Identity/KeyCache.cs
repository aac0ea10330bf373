using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Edge.Identity;

/// <summary>
/// Who clients are, by their keys. The usual way makes no call; a key met for the first time asks its grain, once for all that wait. An answer is kept until
/// a change names its key or tenant, and asked again each minute; while the edge's lease does not hold, each use asks. No key is kept, only its digest.
/// </summary>
public sealed class KeyCache(IClusterClient cluster, EdgeOptions options, ActiveRevision lease, TimeProvider time, ILogger<KeyCache> log)
{
    private const int MostKnown = 100_000;
    private const int MostRefused = 10_000;
    private const int MostLookups = 256;
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private readonly KeyGrains _grains = new(cluster, options.Workspace, time, log);
    private readonly ConcurrentDictionary<KeyDigest, KnownKey> _known = new();

    // Under _gate: whatever changes _known, and the three below. An answer is entered and an invalidation marks the lookups under way in one
    // critical section each, so that no answer read before an invalidation is entered after it.
    private readonly Lock _gate = new();
    private readonly SecondChance<KnownKey> _order = new(MostKnown);
    private readonly RefusedKeys _refused = new(MostRefused);
    private readonly Dictionary<KeyDigest, Lookup> _lookups = [];

    private ImmutableArray<Pepper> _peppers = [];

    /// <summary>The peppers under which keys are stored, newest first; before they are known no key is.</summary>
    public void UsePeppers(ImmutableArray<Pepper> peppers)
    {
        lock (_gate)
        {
            _peppers = peppers;
        }
    }

    /// <summary>Whom the key stands for, or null: unknown, revoked, expired or suspended, all alike.</summary>
    /// <exception cref="SiloUnreachableException">The key is not known here and no silo answered in time: fail closed with 503.</exception>
    public ValueTask<Caller?> IdentifyAsync(ReadOnlyMemory<char> key, CancellationToken cancellation) => KeyDigest.TryCreate(key.Span, out var digest)
        ? IdentifyAsync(digest, key, cancellation)
        : new ValueTask<Caller?>((Caller?)null);

    /// <summary>The same for a key whose digest is at hand.</summary>
    internal ValueTask<Caller?> IdentifyAsync(in KeyDigest digest, ReadOnlyMemory<char> key, CancellationToken cancellation)
    {
        if (Find(digest) is { } known)
        {
            if (IsDue(known))
            {
                _ = RefreshAsync(digest, known, HashesOf(key.Span));
            }

            return new ValueTask<Caller?>(Unexpired(known.Caller));
        }

        return KeyFormat.IsWellFormed(key.Span, KeyFormat.ClientPrefix) ? LookUp(digest, HashesOf(key.Span), cancellation) : new ValueTask<Caller?>((Caller?)null);
    }

    /// <summary>A tenant, for whom somebody else than Sluice vouched; null: there is none of that name, or it is suspended.</summary>
    /// <exception cref="SiloUnreachableException">As with keys.</exception>
    internal ValueTask<Caller?> IdentifyTenantAsync(string tenant, CancellationToken cancellation)
    {
        var name = KeyGrains.TenantPrefix + tenant;
        if (!KeyDigest.TryCreate(name, out var digest))
        {
            return new ValueTask<Caller?>((Caller?)null);
        }

        if (Find(digest) is { } known)
        {
            if (IsDue(known))
            {
                _ = RefreshAsync(digest, known, [name]);
            }

            return new ValueTask<Caller?>(known.Caller);
        }

        return LookUp(digest, [name], cancellation);
    }

    // The lease first: while it holds, every change that takes a right away was applied, so what is found after that is not from before it.
    private KnownKey? Find(in KeyDigest digest)
    {
        if (!lease.Holds || !_known.TryGetValue(digest, out var known))
        {
            return null;
        }

        known.Touch();
        return known;
    }

    private bool IsDue(KnownKey known) => time.GetElapsedTime(known.AskedAt) >= RefreshAfter && known.TryBeginRefresh(time.GetTimestamp());

    /// <summary>A key was revoked or changed; <paramref name="hash"/> is the one under which it is stored.</summary>
    public void ForgetKey(string hash) => Forget(identity => string.Equals(identity.Hash, hash, StringComparison.Ordinal), lookup => lookup.Hashes.Contains(hash));

    /// <summary>A tenant was suspended, resumed or ended.</summary>
    public void ForgetTenant(string tenant) => Forget(identity => string.Equals(identity.Tenant, tenant, StringComparison.Ordinal), _ => true);

    /// <summary>Changes were missed: nothing known is certain.</summary>
    public void ForgetAll() => Forget(_ => true, _ => true);

    private void Forget(Func<KeyIdentity, bool> isStale, Func<Lookup, bool> isDoubtful)
    {
        lock (_gate)
        {
            _refused.Clear();
            foreach (var (digest, known) in _known)
            {
                if (isStale(known.Caller.Identity))
                {
                    _known.TryRemove(digest, out _);
                }
            }

            foreach (var lookup in _lookups.Values)
            {
                lookup.IsStale |= isDoubtful(lookup);
            }
        }
    }

    private ValueTask<Caller?> LookUp(KeyDigest digest, string[] hashes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // As with what is known: while the lease holds, every change that gave a right back was applied as well.
            if (lease.Holds && _refused.Contains(digest, time.GetTimestamp()))
            {
                return new ValueTask<Caller?>((Caller?)null);
            }

            return new ValueTask<Caller?>(_lookups.TryGetValue(digest, out var running)
                ? JoinAsync(digest, running, cancellation) : WaitAsync(Begin(digest, hashes), cancellation));
        }
    }

    // Under _gate.
    private Lookup Begin(KeyDigest digest, string[] hashes)
    {
        if (_peppers.IsEmpty)
        {
            throw new SiloUnreachableException("This edge is not registered yet.");
        }

        if (_lookups.Count >= MostLookups)
        {
            throw new SiloUnreachableException($"{MostLookups} keys are being looked up already.");
        }

        var lookup = new Lookup(hashes);
        _lookups.Add(digest, lookup);
        lookup.Answer = AskAsync(digest, lookup);
        return lookup;
    }

    private async Task<Caller?> JoinAsync(KeyDigest digest, Lookup running, CancellationToken cancellation)
    {
        var caller = await WaitAsync(running, cancellation);
        if (caller?.Identity.IsEnding is not true)
        {
            return caller;
        }

        // It was asked for before this request came, and may tell of before: what is asked for from here on does not.
        Lookup next;
        lock (_gate)
        {
            next = _lookups.GetValueOrDefault(digest) ?? Begin(digest, running.Hashes);
        }

        return await WaitAsync(next, cancellation);
    }

    private async Task<Caller?> WaitAsync(Lookup lookup, CancellationToken cancellation) => Unexpired(await lookup.Answer.WaitAsync(cancellation));

    private async Task<Caller?> AskAsync(KeyDigest digest, Lookup lookup)
    {
        // Off the caller's lock at once: what follows takes it again.
        await Task.Yield();
        var asked = time.GetTimestamp();
        try
        {
            while (true)
            {
                var identity = await _grains.FindAsync(lookup.Hashes, asked);
                lock (_gate)
                {
                    if (!lookup.IsStale)
                    {
                        _lookups.Remove(digest);
                        return Enter(digest, identity, asked);
                    }

                    // Something changed while the answer was on its way: it may tell of before.
                    lookup.IsStale = false;
                }
            }
        }
        catch (Exception failure)
        {
            lock (_gate)
            {
                _lookups.Remove(digest);
            }

            throw new SiloUnreachableException("No silo told in time whom a key stands for.", failure);
        }
    }

    private Caller? Enter(KeyDigest digest, KeyIdentity? identity, long asked)
    {
        if (identity is null)
        {
            _known.TryRemove(digest, out _);
            _refused.Add(digest, time.GetTimestamp() + (long)(RefusedFor.TotalSeconds * time.TimestampFrequency));
            return null;
        }

        if (identity.IsEnding)
        {
            _known.TryRemove(digest, out _);
            return new Caller(identity);
        }

        if (_known.TryGetValue(digest, out var known))
        {
            known.Confirm(identity, asked);
            return known.Caller;
        }

        known = new KnownKey(digest, new Caller(identity), asked);
        if (_order.Add(known, kept => _known.TryGetValue(kept.Digest, out var current) && ReferenceEquals(current, kept)) is { } evicted)
        {
            _known.TryRemove(evicted.Digest, out _);
        }

        _known[digest] = known;
        return known.Caller;
    }

    private async Task RefreshAsync(KeyDigest digest, KnownKey known, string[] hashes)
    {
        Lookup lookup;
        lock (_gate)
        {
            if (_lookups.Count >= MostLookups || _lookups.ContainsKey(digest))
            {
                return;
            }

            lookup = Begin(digest, hashes);
        }

        try
        {
            await lookup.Answer;
        }
        catch (SiloUnreachableException failure)
        {
            log.LogDebug("{Caller} could not be asked for anew; what is known serves while the lease holds: {Reason}", known.Caller, failure.InnerException?.Message);
        }
    }

    private string[] HashesOf(ReadOnlySpan<char> key)
    {
        var peppers = _peppers;
        var hashes = new string[peppers.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = KeyFormat.Hash(peppers[i].Version, peppers[i].Value, key);
        }

        return hashes;
    }

    private Caller? Unexpired(Caller? caller) => caller?.Identity.ExpiresAt is { } end && end <= time.GetUtcNow() ? null : caller;

    /// <summary>A question to the key's grain, for all that wait for its answer.</summary>
    private sealed class Lookup(string[] hashes)
    {
        public string[] Hashes => hashes;

        public bool IsStale { get; set; }

        public Task<Caller?> Answer { get; set; } = Task.FromResult<Caller?>(null);
    }
}
