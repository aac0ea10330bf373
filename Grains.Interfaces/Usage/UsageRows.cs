namespace Sluice.Grains.Interfaces.Usage;

/// <summary>What a record adds to sums.</summary>
public static class UsageRows
{
    /// <summary>The row of a record.</summary>
    public static UsageRow Of(AttemptRecord record) => new(
        new UsageKey(record.Ended.UtcDateTime.Hour, record.KeyId, record.Asked, record.Target, record.Status, record.Source), FiguresOf(record));

    /// <summary>The figures of a record: one request and what it used.</summary>
    public static UsageFigures FiguresOf(AttemptRecord record) => new(1, record.Tokens, record.CostNano, record.Saved);

    /// <summary>The key of rows that are no request's, but what a later rating has posted besides.</summary>
    public static UsageKey CorrectionKey(string keyId, string model, string target) => new(0, keyId, model, target, 0, UsageSource.None);

    /// <summary>Whether it is such a key.</summary>
    public static bool IsCorrection(in UsageKey key) => key is { Status: 0, Source: UsageSource.None };

    /// <summary>The day to which a record is counted, <c>yyyyMMdd</c>.</summary>
    public static int DayOf(DateTimeOffset ended) => ended.UtcDateTime is var at ? (at.Year * 10_000) + (at.Month * 100) + at.Day : 0;

    /// <summary>When a day ends, <c>yyyyMMdd</c>: the first moment of the next, in UTC.</summary>
    public static DateTimeOffset EndOf(int day) => new DateTimeOffset(day / 10_000, day / 100 % 100, day % 100, 0, 0, 0, TimeSpan.Zero).AddDays(1);
}
