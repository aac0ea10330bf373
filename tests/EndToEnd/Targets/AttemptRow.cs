using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Targets;

/// <summary>What matters here of an attempt's record.</summary>
internal sealed record AttemptRow(string Request, int Attempt, string Provider, string Source, int Status, long Tokens)
{
    /// <summary>All records of a tenant, by request and attempt, once there are so many.</summary>
    public static async Task<AttemptRow[]> ReadAsync(AdminApi admin, string tenant, int least)
    {
        var rows = Array.Empty<AttemptRow>();
        await Eventually.TrueAsync(async () => (rows = await ReadAsync(admin, tenant)).Length >= least, "each attempt has its record");
        return rows;
    }

    /// <summary>What is charged to the budget of that name.</summary>
    public static async Task<long> SpentAsync(AdminApi admin, string budget)
    {
        var status = await admin.GetAsync($"budgets/{budget}/status");
        return status.GetProperty("posted").GetInt64() + status.GetProperty("leases").EnumerateArray().Sum(l => l.GetProperty("spent").GetInt64());
    }

    private static async Task<AttemptRow[]> ReadAsync(AdminApi admin, string tenant)
    {
        var rows = new List<AttemptRow>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await admin.GetAsync($"attempts?tenant={tenant}&limit=200{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            rows.AddRange(page.GetProperty("items").EnumerateArray().Select(item => new AttemptRow(
                item.GetProperty("request").GetString()!,
                item.GetProperty("attempt").GetInt32(),
                item.GetProperty("provider").GetString()!,
                item.GetProperty("source").GetString()!,
                item.GetProperty("status").GetInt32(),
                item.GetProperty("tokens").GetProperty("input").GetInt64() + item.GetProperty("tokens").GetProperty("output").GetInt64())));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }

        return [.. rows.OrderBy(r => r.Request, StringComparer.Ordinal).ThenBy(r => r.Attempt)];
    }
}
