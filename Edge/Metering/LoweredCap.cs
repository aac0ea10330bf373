using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>Lowers the cap of an answer to what a hard budget still covers, where the cap is what does not fit. See docs/accounting.md.</summary>
internal static class LoweredCap
{
    // Less is of no use to who asked: an answer of a few words, or of a small part of what was meant.
    private const long Least = 16;
    private const long LeastPart = 16;

    /// <summary>The same request with the greatest cap that the budget still covers; null: its cap is not to be lowered, or less than a useful one would be left.</summary>
    /// <param name="ask">Which does not fit.</param>
    /// <param name="levels">What binds it.</param>
    /// <param name="lacking">The level that does not cover it; a limit lowers nothing, for it refills.</param>
    /// <param name="room">What that level answered.</param>
    public static Ask? Of(in Ask ask, Levels levels, Lacking lacking, Room room)
    {
        if (lacking.Budget < 0 || room is not { Kind: RoomKind.Refused, Answer: { } answer })
        {
            return null;
        }

        var (meter, budget) = levels.Budgets[lacking.Budget];
        return Of(ask, budget.Unit, meter.Affordable(answer));
    }

    /// <summary>The same request with the greatest cap, of at most its own, whose worst case is no more than <paramref name="left"/>; null: there is no useful one.</summary>
    public static Ask? Of(in Ask ask, BudgetUnit unit, long left)
    {
        var asked = ask.Answers == 0 ? 0 : ask.OutputTokens / ask.Answers;
        var least = Math.Max(Least, (asked + LeastPart - 1) / LeastPart);
        if (unit == BudgetUnit.Requests || least >= asked || WithCap(ask, least, unit) > left)
        {
            return null;
        }

        // Invariant: least fits, above does not.
        var above = asked + 1;
        while (above - least > 1)
        {
            var middle = least + ((above - least) / 2);
            (least, above) = WithCap(ask, middle, unit) <= left ? (middle, above) : (least, middle);
        }

        return ask with { OutputTokens = least * ask.Answers };
    }

    private static long WithCap(in Ask ask, long cap, BudgetUnit unit) => Charge.WorstCase(ask with { OutputTokens = cap * ask.Answers }).In(unit);
}
