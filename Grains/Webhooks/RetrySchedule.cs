using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Grains.Webhooks;

/// <summary>When a delivery that failed is tried again, and when it is given up. Plain rules: chance comes from the delivery's own name, so that many do not come at one moment.</summary>
/// <param name="first">The wait after the first attempt.</param>
internal sealed class RetrySchedule(TimeSpan first)
{
    /// <summary>After so many attempts a delivery is given up: with a first wait of 5 s that is after some 22 hours.</summary>
    public const int MostAttempts = 12;

    private const int Factor = 3;

    /// <summary>No attempt begins later after the event than this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    /// <summary>When to try again; null: not any more.</summary>
    /// <param name="delivery">With the attempt that just failed counted.</param>
    /// <param name="now">The present.</param>
    /// <param name="asked">For how long the receiver asked to be left alone; null: it did not.</param>
    public DateTimeOffset? Next(StoredDelivery delivery, DateTimeOffset now, TimeSpan? asked)
    {
        if (delivery.Attempts >= MostAttempts)
        {
            return null;
        }

        var wait = first;
        for (var i = 1; i < delivery.Attempts && wait < LongestWait; i++)
        {
            wait *= Factor;
        }

        wait = (wait < LongestWait ? wait : LongestWait) * Spread(delivery);
        var longer = asked > wait ? asked.Value : wait;
        var at = now + (longer < LongestWait ? longer : LongestWait);
        return at - delivery.Since <= Longest ? at : null;
    }

    // 0.8 to 1.2.
    private static double Spread(StoredDelivery delivery)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{delivery.Webhook} {delivery.Id} {delivery.Attempts}")));
        return 0.8 + (BinaryPrimitives.ReadUInt32BigEndian(hash) * 0.4 / uint.MaxValue);
    }
}
