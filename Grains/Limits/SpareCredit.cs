using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Limits;

/// <summary>
/// The credit of that part of a rate which no edge holds, in millionths of an item. It grows at that part of the rate, up to that part of the burst, and goes
/// to edges in proportion to the shares that they get.
/// </summary>
internal readonly record struct SpareCredit(long Amount)
{
    private const long Item = 1_000_000;
    private const long Most = long.MaxValue / 64;

    /// <summary>Whole items that can be taken.</summary>
    public long Items => Math.Max(0, Amount / Item);

    /// <summary>All that a part may have saved up.</summary>
    public static SpareCredit Full(Rate? rate, long part) => new(rate is null ? 0 : Saturate((Int128)rate.Burst * part));

    /// <summary>After a time in which this part was held by nobody.</summary>
    public SpareCredit After(Rate? rate, long part, TimeSpan time) => rate is null ? default
        : new SpareCredit(Saturate(Amount + ((Int128)rate.Amount * part * time.Ticks / rate.Per.Ticks))).Within(rate, part);

    /// <summary>With credit that a holder gave back.</summary>
    public SpareCredit Plus(long credit) => new(Saturate((Int128)Amount + Math.Max(0, credit)));

    /// <summary>With what was taken and not used, or, where that is negative, used beyond what was taken: such a debt is paid off by what grows.</summary>
    public SpareCredit Settled(long credit) => new(Amount + Math.Clamp(credit, -Most, Most));

    /// <summary>After which time so many items can be taken; null: never.</summary>
    public TimeSpan? Until(Rate? rate, long items, long part)
    {
        var missing = ((Int128)items * Item) - Amount;
        return rate is null || items == 0 || missing <= 0 ? TimeSpan.Zero
            : items > rate.Burst ? null
            : part <= 0 ? TimeSpan.MaxValue
            : TimeSpan.FromTicks((long)Int128.Min(((missing * rate.Per.Ticks) + ((Int128)rate.Amount * part) - 1) / ((Int128)rate.Amount * part), TimeSpan.MaxValue.Ticks));
    }

    /// <summary>Without so many items of a rate.</summary>
    public SpareCredit Without(Rate? rate, long items) => rate is null ? this : new(Amount - (items * Item));

    /// <summary>No more than the part may have.</summary>
    public SpareCredit Within(Rate? rate, long part) => new(Math.Min(Amount, Full(rate, part).Amount));

    /// <summary>What goes with a piece of the part.</summary>
    public SpareCredit For(long piece, long part) => new(piece <= 0 || Amount <= 0 ? 0 : (long)((Int128)Amount * piece / part));

    /// <summary>Without what went.</summary>
    public SpareCredit Minus(SpareCredit gone) => new(Amount - gone.Amount);

    private static long Saturate(Int128 credit) => (long)Int128.Min(credit, long.MaxValue / 8);
}
