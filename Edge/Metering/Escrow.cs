namespace Sluice.Edge.Metering;

/// <summary>
/// What an edge holds of a budget in one window. Invariant I2: reserved + spent ≤ amount − returned, that is free ≥ 0, at every step of <see cref="TryReserve"/>; only
/// usage that went beyond its reservation, and what is reserved by force, may go beyond it, for usage is a fact. Safe for concurrent use. See docs/accounting.md.
/// </summary>
public sealed class Escrow
{
    // Far below anything that settlements could add up to.
    private const long SealedFree = long.MinValue / 2;

    // free = amount − returned − reserved − spent, kept as one number so that one compare-and-swap keeps I2. After Seal it is far below zero for ever.
    private long _free;
    private long _amount;
    private long _spent;
    private long _reserved;
    private long _returned;

    // Raised before a reservation is tried and lowered after it is settled: once sealed and 0, nothing changes any more.
    private long _holds;

    /// <summary>All that was lent.</summary>
    public long Amount => Volatile.Read(ref _amount);

    /// <summary>What settled requests used.</summary>
    public long Spent => Volatile.Read(ref _spent);

    /// <summary>What was given back, in all.</summary>
    public long Returned => Volatile.Read(ref _returned);

    /// <summary>What requests under way hold.</summary>
    public long Reserved => Volatile.Read(ref _reserved);

    /// <summary>What can be reserved; negative after <see cref="Seal"/> or an overdraft.</summary>
    public long Free => Volatile.Read(ref _free);

    /// <summary>Whether requests under way hold something, or try to.</summary>
    public bool IsHeld => Volatile.Read(ref _holds) != 0;

    /// <summary>Whether nothing can be reserved any more.</summary>
    public bool IsSealed => Free < SealedFree / 2;

    /// <summary>Reserves, or changes nothing. <paramref name="count"/> is at least 0.</summary>
    public bool TryReserve(long count) => TryTake(count, 0);

    /// <summary>Reserves whatever is free: for budgets that count and do not refuse. False when sealed, or when more than <paramref name="upTo"/> above the amount would be held.</summary>
    public bool TryForce(long count, long upTo = long.MaxValue / 8) => TryTake(count, -upTo);

    /// <summary>Ends a reservation of <paramref name="count"/>, once: <paramref name="used"/> is spent, the rest is free again.</summary>
    /// <exception cref="InvalidOperationException">More is settled than was reserved: I2 is broken.</exception>
    public void Settle(long count, long used)
    {
        Interlocked.Add(ref _spent, used);
        var reserved = Interlocked.Add(ref _reserved, -count);
        Interlocked.Add(ref _free, count - used);
        if (Interlocked.Decrement(ref _holds) < 0 || reserved < 0 || used < 0)
        {
            throw new InvalidOperationException($"I2 is broken: {used} of {count} were settled, and {reserved} stay reserved.");
        }
    }

    /// <summary>Takes what is free above <paramref name="keep"/> out of the escrow, to be given back. Answers how much that was.</summary>
    public long TakeBack(long keep)
    {
        var seen = Volatile.Read(ref _free);
        while (seen > keep)
        {
            var was = Interlocked.CompareExchange(ref _free, keep, seen);
            if (was == seen)
            {
                // Told only now, when nobody can reserve it any more.
                Interlocked.Add(ref _returned, seen - keep);
                return seen - keep;
            }

            seen = was;
        }

        return 0;
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

    // Leaves at least so much free, or changes nothing.
    private bool TryTake(long count, long least)
    {
        Interlocked.Increment(ref _holds);
        var seen = Volatile.Read(ref _free);
        while (seen >= SealedFree / 2 && seen - count >= least)
        {
            var was = Interlocked.CompareExchange(ref _free, seen - count, seen);
            if (was == seen)
            {
                // Sealed between these lines: the hold was raised before, so whoever sealed waits for it.
                Interlocked.Add(ref _reserved, count);
                return true;
            }

            seen = was;
        }

        Interlocked.Decrement(ref _holds);
        return false;
    }
}
