using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Silo.Admin;

/// <summary>Where a page of records ended: pages go from the newest day to the oldest, in a day by tenant, and for each tenant from the newest to the oldest.</summary>
/// <param name="Day"><c>yyyyMMdd</c>.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Before">The last record of the page; null: the tenant's day is still to be looked at from its newest.</param>
internal sealed record AttemptCursor(int Day, string Tenant, (DateTimeOffset Ended, string Id)? Before)
{
    /// <summary>After a record.</summary>
    public static AttemptCursor After(int day, AttemptRecord record) => new(day, record.Tenant, (record.Ended, record.Id));

    /// <summary>Reads what <see cref="ToString"/> wrote; null: it is none.</summary>
    public static AttemptCursor? Parse(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n') is [var day, var tenant, var ticks, var id]
                && int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.Ticks
                ? new AttemptCursor(number, tenant, id.Length == 0 ? null : (new DateTimeOffset(at, TimeSpan.Zero), id))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Day}\n{Tenant}\n{Before?.Ended.UtcTicks ?? 0}\n{Before?.Id}")));
}
