using System.Globalization;
using System.Text.Json;
using Sluice.Tests.Chaos.Reload;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Accounts;

/// <summary>Whether the accounts fit the provider's bill when all is quiet: Q1, Q3 and Q4 of docs/accounting.md.</summary>
internal static class AccountsCheck
{
    private const int PageSize = 1_000;

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
            var records = await LedgerRecord.ReadAsync(admin, account.Tenant, PageSize);
            cluster.History.Count(string.Create(
                CultureInfo.InvariantCulture, $"times {account.Tenant} had {account.Spent} billed for {account.Requests} requests, {records.Count} records, {posted} posted, {inDoubt} in doubt, {account.MostAllowed} allowed"));
            if (account.Spent > posted + inDoubt)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"Q3: {account.Tenant} was billed {account.Spent}; posted are {posted}, in doubt {inDoubt}"));
            }

            if (posted + inDoubt > account.MostAllowed)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"I1: {account.Tenant} has {posted} posted and {inDoubt} in doubt, its budget never was above {account.MostAllowed}"));
            }

            wrong.AddRange(Unmatched(account, records, inDoubt));
        }

        return wrong;
    }

    // Q4: each call that was billed has one record, with what was billed where the provider's answer told it. One without a record was under way at a lost edge, whose lease is in doubt.
    private static IEnumerable<string> Unmatched(Account account, IReadOnlyList<LedgerRecord> records, long inDoubt)
    {
        foreach (var twice in records.GroupBy(r => r.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            yield return $"Q4: {account.Tenant} has {twice.Count()} records of attempt {twice.Key}";
        }

        var recorded = records.ToLookup(r => r.Call, StringComparer.Ordinal);
        foreach (var call in recorded)
        {
            var billed = account.Calls.GetValueOrDefault(call.Key);
            if (call.Count() > Math.Max(1, billed.Times))
            {
                yield return $"Q4: {account.Tenant} has {call.Count()} records of call {call.Key}, which was billed {billed.Times} times";
            }

            if (call.All(r => r.Source is "reported") && (call.Sum(r => r.Input), call.Sum(r => r.Output)) != (billed.Input, billed.Output))
            {
                yield return $"Q4: {account.Tenant}'s call {call.Key} is recorded with {call.Sum(r => r.Input)} and {call.Sum(r => r.Output)} tokens, billed were {billed.Input} and {billed.Output}";
            }
        }

        var missing = account.Calls.Where(c => !recorded.Contains(c.Key)).Select(c => c.Value).ToList();
        var unknown = account.InUnit(missing.Sum(m => m.Times), missing.Sum(m => m.Input), missing.Sum(m => m.Output));
        if (unknown > inDoubt)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Q4: {account.Tenant} was billed {unknown} for {missing.Count} calls that have no record, in doubt are {inDoubt}");
        }
    }

    // What a lost edge may have spent: all that it was lent.
    private static long Rest(JsonElement lease) => Math.Max(lease.GetProperty("amount").GetInt64(), lease.GetProperty("spent").GetInt64());
}
