using System.Text.Json;

namespace Sluice.Tests.Processes;

/// <summary>What matters of a record of the ledger. The client gave each of its calls a tag <c>call=…</c> of its own.</summary>
/// <param name="Id">The attempt's.</param>
/// <param name="Call">The client's own number of the call.</param>
/// <param name="Source">Where the figures come from: <c>reported</c>, <c>estimated</c>, <c>reserved</c>…</param>
/// <param name="Input">Tokens.</param>
/// <param name="Output">Tokens.</param>
public sealed record LedgerRecord(string Id, string Call, string Source, int Input, int Output)
{
    public long Tokens => Input + Output;

    /// <summary>All records of a tenant, page by page.</summary>
    public static async Task<IReadOnlyList<LedgerRecord>> ReadAsync(AdminApi admin, string tenant, int page = 50)
    {
        var records = new List<LedgerRecord>();
        for (var cursor = ""; cursor is not null;)
        {
            var answer = await admin.GetAsync(FormattableString.Invariant($"attempts?tenant={tenant}&limit={page}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}"));
            records.AddRange(answer.GetProperty("items").EnumerateArray().Select(Of));
            cursor = answer.TryGetProperty("next", out var next) ? next.GetString() : null;
        }

        return records;
    }

    private static LedgerRecord Of(JsonElement item) => new(
        item.GetProperty("id").GetString()!,
        item.GetProperty("tags")[0].GetString()!["call=".Length..],
        item.GetProperty("source").GetString()!,
        item.GetProperty("tokens").GetProperty("input").GetInt32(),
        item.GetProperty("tokens").GetProperty("output").GetInt32());
}
