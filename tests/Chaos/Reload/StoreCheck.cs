using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>Whether what is stored fits what was seen: K3, K4 and K5 of docs/reload.md.</summary>
internal static class StoreCheck
{
    private const int PageSize = 500;

    /// <summary>Reads every revision that was ever active, the audit chain and the accounts.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(CheckedCluster cluster)
    {
        using var admin = cluster.NewAdmin();
        var wrong = new List<string>();
        var stored = await RevisionsAsync(admin, wrong);
        var served = cluster.History.Calls.Where(c => c.Parts.Count > 0).Select(c => (c.Revision, c.Parts[0].Generation)).Distinct();
        wrong.AddRange(
            from answer in served
            where !stored.TryGetValue(answer.Revision, out var generation) || generation != answer.Generation
            select $"K4: {answer.Generation} was served as revision {answer.Revision}, which is {(stored.TryGetValue(answer.Revision, out var generation) ? generation : "none")}");
        wrong.AddRange(
            from publish in cluster.History.Publishes
            where publish.IsNew && (!stored.TryGetValue(publish.Revision, out var generation) || generation != publish.Generation)
            select $"K5: the publish of generation {publish.Generation} was told that it made revision {publish.Revision}, which is {(stored.TryGetValue(publish.Revision, out var generation) ? generation : "none")}");
        var audit = await admin.GetAsync("audit/verify");
        if (!audit.GetProperty("whole").GetBoolean())
        {
            wrong.Add($"K5: the audit chain is not whole: {audit}");
        }

        wrong.AddRange(await RecordsAsync(admin));
        return wrong;
    }

    // K3 in the accounts: what each target's requests cost is what that target's own revision asked for them.
    private static async Task<IEnumerable<string>> RecordsAsync(AdminApi admin)
    {
        var rows = (await admin.GetAsync($"tenants/{RightsOperator.Tenant}/usage?by=target,source")).GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("source").GetString() is "reported")
            .Select(row => (
                Told: Generation.OfModel(row.GetProperty("target").GetString()!.Split('/')[1]),
                Paid: Generation.OfCost(row.GetProperty("cost").GetString()!, row.GetProperty("inputTokens").GetInt64() + row.GetProperty("outputTokens").GetInt64())))
            .ToList();
        return rows.Count is 0
            ? ["K3: there is no record of any request"]
            : rows.Where(row => row.Told != row.Paid).Select(row => $"K3: requests to the target of generation {row.Told} are recorded with the price of {row.Paid}");
    }

    private static async Task<Dictionary<long, long>> RevisionsAsync(AdminApi admin, List<string> wrong)
    {
        var found = new Dictionary<long, long>();
        for (var before = long.MaxValue; before > 1;)
        {
            var page = (await admin.GetAsync(string.Create(CultureInfo.InvariantCulture, $"revisions?limit={PageSize}{(before == long.MaxValue ? "" : $"&before={before}")}"))).GetProperty("items");
            foreach (var number in page.EnumerateArray().Select(item => item.GetProperty("revision").GetInt64()))
            {
                if (before != long.MaxValue && number != before - 1)
                {
                    wrong.Add($"K5: between revisions {before} and {number} there is a gap");
                }

                before = number;
                found[number] = Generation.OfResources((await admin.GetAsync(string.Create(CultureInfo.InvariantCulture, $"revisions/{number}"))).ToString());
            }
        }

        return found;
    }
}
