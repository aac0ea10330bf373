using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>The records of a tenant, against the bill of the provider.</summary>
internal static class Ledger
{
    /// <summary>All records, page by page.</summary>
    public static async Task<List<LedgerRecord>> ReadAsync(AdminApi admin, string tenant)
    {
        var records = new List<LedgerRecord>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await admin.GetAsync($"calls?tenant={tenant}&limit=50{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            records.AddRange(page.GetProperty("items").EnumerateArray().Select(LedgerRecord.Of));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }

        return records;
    }

    /// <summary>
    /// One to one: each call that was billed has one record, with the tokens that were billed or, where the edge was lost before it knew them, with all that was reserved. A
    /// record of a call that was not billed is of one that the lost edge had not sent.
    /// </summary>
    public static void Matches(IReadOnlyDictionary<string, (int Input, int Output)> billed, IReadOnlyList<LedgerRecord> records)
    {
        var byCall = records.ToDictionary(record => record.Call, StringComparer.Ordinal);
        Assert.Empty(billed.Keys.Except(byCall.Keys, StringComparer.Ordinal));
        foreach (var (call, record) in byCall)
        {
            if (billed.TryGetValue(call, out var bill) && record.Source is "reported")
            {
                Assert.Equal(bill, (record.Input, record.Output));
            }
            else
            {
                Assert.Equal("reserved", record.Source);
                Assert.InRange(record.Tokens, bill.Input + bill.Output, long.MaxValue);
            }
        }
    }
}

/// <summary>What matters of a record.</summary>
internal sealed record LedgerRecord(string Id, string Call, string Source, int Input, int Output)
{
    public long Tokens => Input + Output;

    public static LedgerRecord Of(JsonElement item) => new(
        item.GetProperty("id").GetString()!,
        item.GetProperty("tags")[0].GetString()!["call=".Length..],
        item.GetProperty("source").GetString()!,
        item.GetProperty("tokens").GetProperty("input").GetInt32(),
        item.GetProperty("tokens").GetProperty("output").GetInt32());
}
