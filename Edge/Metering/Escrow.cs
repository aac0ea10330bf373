namespace Sluice.Edge.Metering;

/// <summary>
/// What an edge holds of a budget in one window. Invariant I2: reserved + spent ≤ amount, that is free ≥ 0, at every step of <see cref="TryReserve"/>; only
/// usage that went beyond its reservation, and what is reserved by force, may go beyond it, for usage is a fact. Safe for concurrent use. See docs/accounting.md.
/// </summary>
public sealed class Escrow
{
    // Far below anything that settlements could add up to.
    private const long SealedFree = long.MinValue / 2;

    // free = amount − reserved − spent, kept as one number so that one compare-and-swap keeps I2. After Seal it is far below zero for ever.
    private long _free;
    private long _amount;
    private long _spent;
    private long _reserved;

    // Raised before a reservation is tried and lowered after it is settled: once sealed and 0, nothing changes any more.
    private long _holds;

    /// <summary>All that was lent.</summary>
    public long Amount => Volatile.Read(ref _amount);

    /// <summary>What settled requests used.</summary>
    public long Spent => Volatile.Read(ref _spent);

    /// <summary>What requests under way hold.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>What can be reserved; negative after <see cref="Seal"/> or an overdraft.</summary>
    public long Free => Volatile.Read(ref _free);

    /// <summary>Whether requests under way hold something, or try to.</summary>
    public bool IsHeld => Volatile.Read(ref _holds) != 0;

    /// <summary>Whether nothing can be reserved any more.</summary>
    public bool IsSealed => Free < SealedFree / 2;

    /// <summary>Reserves, or changes nothing. <paramref name="count"/> is at least 0.</summary>
    public bool TryReserve(long count)
    {
        Interlocked.Increment(ref _holds);
        var seen = Volatile.Read(ref _free);
        while (seen >= count)
        {
            var was = Interlocked.CompareExchange(ref _free, seen - count, seen);
            if (was == seen)
            {
                Interlocked.Add(ref _reserved, count);
                return true;
            }

            seen = was;
        }

        Interlocked.Decrement(ref _holds);
        return false;
    }

    /// <summary>Reserves whatever is free: for budgets that count and do not refuse. False only when sealed.</summary>
    public bool TryForce(long count)
    {
        Interlocked.Increment(ref _holds);
        if (IsSealed)
        {
            Interlocked.Decrement(ref _holds);
            return false;
        }

        // Sealed between the two lines: the hold was raised before, so whoever sealed waits for it.
        Interlocked.Add(ref _free, -count);
        Interlocked.Add(ref _reserved, count);
        return true;
    }

    /// <summary>Ends a reservation of <paramref name="count"/>, once: <paramref name="used"/> is spent, the rest is free again.</summary>
    public void Settle(long count, long used)
    {
        Interlocked.Add(ref _spent, used);
        Interlocked.Add(ref _reserved, -count);
        Interlocked.Add(ref _free, count - used);
        Interlocked.Decrement(ref _holds);
    }

    /// <summary>The grain has lent up to <paramref name="amount"/> in all; less than before changes nothing.</summary>
    public void Grow(long amount)
    {
        var seen = Volatile.Read(ref _amount);
        while (amount > seen)
        {
            var was = Interlocked.CompareExchange(ref _amount, amount, seen);
            if (was == seen)
            {
                Interlocked.Add(ref _free, amount - seen);
                return;
            }

            seen = was;
        }
    }

    /// <summary>From now on nothing can be reserved; what is reserved settles as ever.</summary>
    public void Seal() => Interlocked.Exchange(ref _free, SealedFree);
}
