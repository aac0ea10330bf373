using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Grains.Acme;

/// <summary>When a certificate is renewed, and when what failed is tried again. Plain rules: chance comes from the certificate's name, so that many do not come at one moment.</summary>
internal static class OrderDue
{
    // A failed check counts at authorities by the hour: no more than four in the first one.
    private static readonly TimeSpan[] Waits = [.. new[] { 1, 5, 15, 60, 180, 360, 720 }.Select(minutes => TimeSpan.FromMinutes(minutes))];
    private static readonly TimeSpan LongestAsked = TimeSpan.FromDays(1);
    private static readonly TimeSpan LeastBetween = TimeSpan.FromHours(1);

    /// <summary>When a third of its time is left, or a little before.</summary>
    /// <param name="certificate">Its name.</param>
    /// <param name="begins">Of its time.</param>
    /// <param name="ends">Of its time.</param>
    /// <param name="obtained">When it was obtained; null: not by us, or nobody knows. A clock that is wrong shall not ask for one after the other.</param>
    public static DateTimeOffset Renewal(string certificate, DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset? obtained)
    {
        const double Third = 1.0 / 3;
        const double Spread = 0.04;
        var life = ends - begins;
        var due = ends - (life * (Third + (Spread * Chance(certificate))));
        var least = (life / 3) is var third && third < LeastBetween ? third : LeastBetween;
        return obtained + least is { } earliest && earliest > due ? earliest : due;
    }

    /// <summary>When to try again.</summary>
    /// <param name="attempts">How often it failed, at least once.</param>
    /// <param name="now">The present.</param>
    /// <param name="asked">For how long the authority wants to be left alone.</param>
    public static DateTimeOffset Retry(int attempts, DateTimeOffset now, TimeSpan? asked)
    {
        var wait = Waits[Math.Min(attempts, Waits.Length) - 1];
        return now + (asked > wait ? (asked < LongestAsked ? asked.Value : LongestAsked) : wait);
    }

    /// <summary>When to ask again for something that is under way at the authority.</summary>
    /// <param name="since">Since when it is.</param>
    /// <param name="now">The present.</param>
    /// <param name="asked">As the authority asks for.</param>
    public static DateTimeOffset Poll(DateTimeOffset since, DateTimeOffset now, TimeSpan? asked)
    {
        var wait = asked ?? ((now - since) / 2);
        return now + TimeSpan.FromSeconds(Math.Clamp(wait.TotalSeconds, 0.25, 60));
    }

    // 0 to 1.
    private static double Chance(string certificate) => (double)BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(certificate))) / uint.MaxValue;
}
