namespace Sluice.Silo.Admin;

/// <summary>The days that results are asked of.</summary>
/// <param name="From">The first, UTC.</param>
/// <param name="To">The last, UTC.</param>
/// <param name="Tenant">Whose requests; null: everybody's.</param>
internal readonly record struct AskedDays(DateOnly From, DateOnly To, string? Tenant)
{
    private const int DefaultDays = 7;
    private const int MostDays = 92;

    public static readonly QueryParameter FromParameter = new("from", "string", "The first day (UTC) such as 2026-01-31; six days before the last when not given.");

    public static readonly QueryParameter ToParameter = new("to", "string", "The last day (UTC); today when not given.");

    public static readonly QueryParameter TenantParameter = new("tenant", "string", "Of one tenant's requests; of all when not given.");

    /// <summary>Reads them; what is wrong is told by the query.</summary>
    public static AskedDays Read(QueryReader query, TimeProvider time)
    {
        var to = query.Day("to") ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var from = query.Day("from") ?? to.AddDays(1 - DefaultDays);
        if (from > to)
        {
            query.Wrong("from", "must not be after to");
        }
        else if (to.DayNumber - from.DayNumber >= MostDays)
        {
            query.Wrong("from", $"must lie within {MostDays} days of to");
        }

        return new AskedDays(from, to, AttemptEndpoints.Tenant(query));
    }
}
