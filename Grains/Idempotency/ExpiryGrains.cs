using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Grains.Idempotency;

/// <summary>Where a key stands that ends at a time: a slot of minutes, and in it one of some shards, so that no list grows large.</summary>
internal static class Shelf
{
    /// <summary>Shelves of one slot.</summary>
    public const int Shards = 64;

    private const long SlotTicks = 5 * TimeSpan.TicksPerMinute;

    /// <summary>The shelf of a key.</summary>
    public static IExpiryShelfGrain Of(IGrainFactory grains, string key, DateTimeOffset ends) =>
        At(grains, GrainKeys.Split(key)[0], SlotOf(ends), (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan())) % Shards));

    /// <summary>A shelf by its place.</summary>
    public static IExpiryShelfGrain At(IGrainFactory grains, string workspace, long slot, int shard) =>
        grains.GetGrain<IExpiryShelfGrain>(GrainKeys.Join(workspace, slot.ToString(CultureInfo.InvariantCulture), shard.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The slot of a time.</summary>
    public static long SlotOf(DateTimeOffset time) => time.UtcTicks / SlotTicks;
}

/// <summary>What is stored of a shelf.</summary>
internal sealed record StoredShelf(ImmutableArray<string> Keys)
{
    public StoredShelf()
        : this([])
    {
    }
}

/// <summary>A shelf.</summary>
[GrainType("expiry-shelf")]
internal sealed class ExpiryShelfGrain : Grain, IExpiryShelfGrain
{
    private const int AtOnce = 16;
    private readonly Durable<StoredShelf> _shelf;

    public ExpiryShelfGrain([PersistentState("expiry-shelf")] IPersistentState<StoredShelf> shelf) => _shelf = new(this, shelf);

    public async Task AddAsync(string key)
    {
        var keys = _shelf.Value.Keys;
        if (keys.Contains(key, StringComparer.Ordinal))
        {
            return;
        }

        if (keys.IsEmpty)
        {
            var place = GrainKeys.Split(this.GetPrimaryKeyString());
            await GrainFactory.GetGrain<IExpirySweepGrain>(place[0]).NoteAsync(long.Parse(place[1], CultureInfo.InvariantCulture));
        }

        await _shelf.WriteAsync(new StoredShelf(keys.Add(key)));
    }

    public async Task ClearAsync()
    {
        if (!_shelf.Value.Keys.IsEmpty)
        {
            foreach (var some in _shelf.Value.Keys.Chunk(AtOnce))
            {
                await Task.WhenAll(some.Select(key => GrainFactory.GetGrain<IIdempotencyGrain>(key).ExpireAsync()));
            }

            await _shelf.ClearAsync();
        }

        DeactivateOnIdle();
    }
}

/// <summary>What is stored of a workspace's slots.</summary>
internal sealed record StoredSlots(ImmutableSortedSet<long> Slots)
{
    public StoredSlots()
        : this([])
    {
    }
}

/// <summary>Sweeps: no timer keeps a workspace busy that has no such requests, and what such requests left is swept by the next ones.</summary>
[Reentrant, GrainType("expiry-sweep")]
internal sealed class ExpirySweepGrain : Grain, IExpirySweepGrain
{
    private const int AtOnce = 8;

    // Requests that were under way when their window ended have expired by then too.
    private const int SlotsKept = 2;

    private readonly Durable<StoredSlots> _slots;
    private readonly TimeProvider _time;
    private readonly ILogger<ExpirySweepGrain> _log;
    private Task _writing = Task.CompletedTask;
    private Task? _sweeping;

    public ExpirySweepGrain([PersistentState("expiry-sweep")] IPersistentState<StoredSlots> slots, TimeProvider time, ILogger<ExpirySweepGrain> log) =>
        (_slots, _time, _log) = (new(this, slots), time, log);

    public async Task NoteAsync(long slot)
    {
        await ChangeAsync(slots => slots.Add(slot));
        if (_sweeping is null or { IsCompleted: true })
        {
            _sweeping = TrySweepAsync();
        }
    }

    private async Task TrySweepAsync()
    {
        try
        {
            await SweepEndedAsync();
        }
        catch (Exception failure)
        {
            _log.LogWarning("Idempotency keys of {Workspace} are swept again later: {Reason}", this.GetPrimaryKeyString(), failure.Message);
        }
    }

    private async Task SweepEndedAsync()
    {
        var ended = Shelf.SlotOf(_time.GetUtcNow()) - SlotsKept;
        foreach (var slot in _slots.Value.Slots.Where(s => s < ended))
        {
            foreach (var shards in Enumerable.Range(0, Shelf.Shards).Chunk(AtOnce))
            {
                await Task.WhenAll(shards.Select(shard => Shelf.At(GrainFactory, this.GetPrimaryKeyString(), slot, shard).ClearAsync()));
            }

            await ChangeAsync(slots => slots.Remove(slot));
        }
    }

    // One write after another, though calls interleave.
    private async Task ChangeAsync(Func<ImmutableSortedSet<long>, ImmutableSortedSet<long>> change)
    {
        var before = _writing;
        var done = new TaskCompletionSource();
        _writing = done.Task;
        await before;
        try
        {
            var next = change(_slots.Value.Slots);
            if (!ReferenceEquals(next, _slots.Value.Slots))
            {
                await _slots.WriteAsync(new StoredSlots(next));
            }
        }
        finally
        {
            done.SetResult();
        }
    }
}
