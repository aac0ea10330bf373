using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Budgets;

/// <summary>A window in time.</summary>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ends; null: never.</param>
/// <param name="From">The start of the oldest window that counts with it: its own, but for rolling windows.</param>
internal readonly record struct BudgetSpan(DateTimeOffset Start, DateTimeOffset? End, DateTimeOffset From);

/// <summary>When the window of a budget began and when it ends: in the calendar of its zone, or in pieces of a rolling one.</summary>
internal static class BudgetCalendar
{
    // A rolling window counts the piece under way and this many before it, so that whatever interval of its length one looks at lies within pieces that count together.
    private const int Pieces = 24;

    // A wall clock that is set back further than this had been wrong before.
    private static readonly TimeSpan MostSetBack = TimeSpan.FromHours(26);

    /// <summary>The window in which a moment lies.</summary>
    public static BudgetSpan At(BudgetWindow window, DateTimeOffset now)
    {
        if (window.Rolling is { } length)
        {
            var piece = length.Ticks / Pieces;
            var began = new DateTimeOffset(now.UtcTicks / piece * piece, TimeSpan.Zero);
            return new BudgetSpan(began, began.AddTicks(piece), began.AddTicks(-piece * Pieces));
        }

        if (window.Every is WindowLength.Lifetime)
        {
            return new BudgetSpan(DateTimeOffset.UnixEpoch, null, DateTimeOffset.UnixEpoch);
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        var first = window.Every switch
        {
            WindowLength.Day => today,
            WindowLength.Week => today.AddDays(-(((int)today.DayOfWeek + 6) % 7)),
            _ => new DateTime(today.Year, today.Month, 1),
        };
        var next = window.Every switch
        {
            WindowLength.Day => first.AddDays(1),
            WindowLength.Week => first.AddDays(7),
            _ => first.AddMonths(1),
        };
        return new BudgetSpan(Midnight(first, zone), Midnight(next, zone), Midnight(first, zone));
    }

    /// <summary>The window in which a moment lies, but none before the newest of the ledger: where the wall clock is set back, no window opens again.</summary>
    public static BudgetSpan Monotone(BudgetWindow window, DateTimeOffset now, ImmutableArray<LedgerWindow> known)
    {
        var span = At(window, now);
        return known is [var newest, ..] && span.End?.UtcTicks <= newest.Start && newest.Start - now.UtcTicks < MostSetBack.Ticks
            ? At(window, new DateTimeOffset(newest.Start, TimeSpan.Zero))
            : span;
    }

    /// <summary>When more can be lent by itself: at the window's end, or when the oldest piece of a rolling window in which anything was spent does not count any more; null: never.</summary>
    public static DateTimeOffset? ResetsAt(BudgetWindow window, BudgetSpan span, ImmutableArray<LedgerWindow> known)
    {
        if (window.Rolling is not { } length || known.LastOrDefault(w => w.Committed > 0 && w.Start >= span.From.UtcTicks) is not { } oldest)
        {
            return span.End;
        }

        return new DateTimeOffset(oldest.Start + (length.Ticks / Pieces * (Pieces + 1)), TimeSpan.Zero);
    }

    // Where the clocks go forward over midnight, the day begins when they do; where they go back over it, at its first midnight.
    private static DateTimeOffset Midnight(DateTime day, TimeZoneInfo zone)
    {
        var local = day;
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
