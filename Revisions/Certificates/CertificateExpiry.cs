namespace Sluice.Revisions.Certificates;

/// <summary>When a certificate's end is near: a third of its time is left, at most three weeks.</summary>
public static class CertificateExpiry
{
    private static readonly TimeSpan Most = TimeSpan.FromDays(21);

    // Clocks differ a little.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Whether it should have been renewed by now.</summary>
    public static bool IsNear(DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset now)
    {
        var third = (ends - begins) / 3;
        return ends - now < (third < Most ? third : Most);
    }

    /// <summary>Why it may not be taken into use; null: it may.</summary>
    public static string? FindWrong(DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset now) =>
        now >= ends ? $"the certificate ended at {Text(ends)}; give one that is in its time"
        : now + Skew < begins ? $"the certificate begins at {Text(begins)}; clients would refuse it until then"
        : null;

    /// <summary>What is to be told of its end; null: nothing.</summary>
    public static string? FindNear(DateTimeOffset begins, DateTimeOffset ends, DateTimeOffset now) =>
        now >= ends ? $"the certificate ended at {Text(ends)}: clients refuse it"
        : IsNear(begins, ends, now) ? FormattableString.Invariant($"the certificate ends at {Text(ends)}, in {Math.Floor((ends - now).TotalDays):0} days: renew it")
        : null;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
