using Sluice.Revisions.Resources;

namespace Sluice.Grains.Budgets;

/// <summary>When the window of a budget began and when it ends, in the calendar of its zone.</summary>
internal static class BudgetCalendar
{
    /// <summary>The window in which a moment lies; the end of a lifetime is null.</summary>
    public static (DateTimeOffset Start, DateTimeOffset? End) At(BudgetWindow window, DateTimeOffset now)
    {
        if (window.Every is WindowLength.Lifetime)
        {
            return (DateTimeOffset.UnixEpoch, null);
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
        return (Midnight(first, zone), Midnight(next, zone));
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
