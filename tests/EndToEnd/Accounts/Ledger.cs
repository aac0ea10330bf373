using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>The records of a tenant, against the bill of the provider.</summary>
internal static class Ledger
{
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
