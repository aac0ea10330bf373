using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Limits;

/// <summary>
/// The credit of that part of a rate which no edge holds, in millionths of an item. It grows at that part of the rate, up to that part of the burst, and goes
/// to edges in proportion to the shares that they get.
/// </summary>
internal readonly record struct SpareCredit(long Amount)
{
    /// <summary>All that a part may have saved up.</summary>
    public static SpareCredit Full(Rate? rate, long part) => new(rate is null ? 0 : Saturate((Int128)rate.Burst * part));

    /// <summary>After a time in which this part was held by nobody.</summary>
    public SpareCredit After(Rate? rate, long part, TimeSpan time) => rate is null ? default
        : new SpareCredit(Saturate(Amount + ((Int128)rate.Amount * part * time.Ticks / rate.Per.Ticks))).Within(rate, part);

    /// <summary>With credit that a holder gave back.</summary>
    public SpareCredit Plus(long credit) => new(Saturate((Int128)Amount + Math.Max(0, credit)));

    /// <summary>No more than the part may have.</summary>
    public SpareCredit Within(Rate? rate, long part) => new(Math.Min(Amount, Full(rate, part).Amount));

    /// <summary>What goes with a piece of the part.</summary>
    public SpareCredit For(long piece, long part) => new(piece <= 0 ? 0 : (long)((Int128)Amount * piece / part));

    /// <summary>Without what went.</summary>
    public SpareCredit Minus(SpareCredit gone) => new(Amount - gone.Amount);

    private static long Saturate(Int128 credit) => (long)Int128.Min(credit, long.MaxValue / 8);
}
