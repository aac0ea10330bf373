using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>Records for tests.</summary>
internal static class Attempts
{
    public static readonly DateTimeOffset Time = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    /// <summary>A record; <paramref name="amount"/> is charged to one lease.</summary>
    public static AttemptRecord Record(string request, long amount = 7, string holder = "edge-1", long window = 100, string tenant = "acme", DateTimeOffset? ended = null) => new(
        request,
        1,
        tenant,
        "k1",
        "ann",
        ["feature=chat", "team=suche"],
        "gpt",
        "openai/gpt-4o",
        "",
        new TokenCounts(10, 1, 2, 3, 4, 5, 6, 7),
        1234,
        "gpt@3",
        UsageSource.Reported,
        200,
        Time,
        Time.AddMilliseconds(20),
        ended ?? Time.AddMilliseconds(50),
        "edge-1",
        3,
        [new LeaseCharge("daily", "tenant/acme", holder, window, amount)]) { Overdraft = 3, Units = new UnitCounts(2, "1024x1024", "hd", 61_500, 12) };

    /// <summary>As it stands in a journal while the attempt is under way.</summary>
    public static AttemptRecord Reserved(string request, long amount = 50, string holder = "edge-1", long window = 100) =>
        Record(request, amount, holder, window) with { Source = UsageSource.Reserved, Status = 0, FirstByte = null };

    /// <summary>Records compare by their bytes: arrays in records compare by reference.</summary>
    public static byte[] Bytes(AttemptRecord record)
    {
        using var writer = EntryWriter.Attempt(EntryKind.Settled, record);
        return writer.Entry.ToArray();
    }
}
