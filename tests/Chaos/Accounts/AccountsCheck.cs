using System.Globalization;
using System.Text.Json;
using Sluice.Tests.Chaos.Reload;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Accounts;

/// <summary>Whether the accounts fit the provider's bill when all is quiet: Q1 and Q3 of docs/accounting.md.</summary>
internal static class AccountsCheck
{
    /// <summary>After the clients have ended, the edges go as well, so that each has reported for the last time.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(CheckedCluster cluster, Witness witness)
    {
        await cluster.StopEdgesAsync();
        using var admin = cluster.NewAdmin();
        var wrong = new List<string>(witness.Wrong);
        foreach (var account in witness.Accounts.Values)
        {
            var status = await admin.GetAsync($"budgets/{account.Tenant}/status");
            var posted = status.GetProperty("posted").GetInt64();
            var inDoubt = status.GetProperty("leases").EnumerateArray().Sum(Rest);
            cluster.History.Count(string.Create(
                CultureInfo.InvariantCulture, $"times {account.Tenant} had {account.Spent} billed for {account.Requests} requests, {posted} posted, {inDoubt} in doubt, {account.MostAllowed} allowed"));
            if (account.Spent > posted + inDoubt)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"Q3: {account.Tenant} was billed {account.Spent}; posted are {posted}, in doubt {inDoubt}"));
            }

            if (posted + inDoubt > account.MostAllowed)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"I1: {account.Tenant} has {posted} posted and {inDoubt} in doubt, its budget never was above {account.MostAllowed}"));
            }
        }

        return wrong;
    }

    // What a lost edge may have spent: all that it was lent.
    private static long Rest(JsonElement lease) => Math.Max(lease.GetProperty("amount").GetInt64(), lease.GetProperty("spent").GetInt64());
}
