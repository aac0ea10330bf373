using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Silo.Admin;

/// <summary>What was used on one day (UTC), tenant by tenant.</summary>
/// <param name="grains">Who keep it.</param>
/// <param name="day"><c>yyyyMMdd</c>.</param>
internal sealed class UsageDay(IGrainFactory grains, int day)
{
    private const int TenantsAtOnce = 100;
    private readonly string _day = day.ToString(CultureInfo.InvariantCulture);

    public UsageDay(IGrainFactory grains, DateOnly day)
        : this(grains, NumberOf(day))
    {
    }

    /// <summary>The day as grains know it, <c>yyyyMMdd</c>.</summary>
    public static int NumberOf(DateOnly day) => UsageRows.DayOf(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero));

    /// <summary>What one tenant used.</summary>
    public IUsageGrain Of(string tenant) => grains.GetGrain<IUsageGrain>(GrainKeys.Join(AdminApi.Workspace, tenant, _day));

    /// <summary>What was said of the answers to its requests that came on the day.</summary>
    public IFeedbackGrain FeedbackOf(string tenant) => grains.GetGrain<IFeedbackGrain>(GrainKeys.Join(AdminApi.Workspace, tenant, _day));

    /// <summary>The tenants that used something, in their order.</summary>
    /// <param name="only">This one and no other; null: all.</param>
    /// <param name="from">All from this one on; null: from the first.</param>
    public async IAsyncEnumerable<string> TenantsAsync(string? only = null, string? from = null)
    {
        if ((only ?? from) is { } first)
        {
            yield return first;
        }

        if (only is not null)
        {
            yield break;
        }

        var after = from;
        var grain = grains.GetGrain<IUsageDayGrain>(GrainKeys.Join(AdminApi.Workspace, _day));
        while (true)
        {
            var names = await grain.ListAsync(after, TenantsAtOnce);
            foreach (var name in names)
            {
                yield return name;
            }

            if (names.Length < TenantsAtOnce)
            {
                yield break;
            }

            after = names[^1];
        }
    }
}
