namespace Sluice.Revisions.Compiled;

/// <summary>How records name what they were charged by: the table and its version, as <c>acme@42</c>, and whether it was the batch rate.</summary>
public static class PriceNames
{
    private const string Batch = " batch";

    /// <summary>The name in a record.</summary>
    /// <param name="price">The table and its version; null: without a price.</param>
    /// <param name="isBatch">Whether the provider served at its batch rate.</param>
    public static string Of(string? price, bool isBatch) => price is null ? "" : isBatch ? price + Batch : price;

    /// <summary>Whether a record was charged at the batch rate.</summary>
    public static bool IsBatch(string name) => name.EndsWith(Batch, StringComparison.Ordinal);
}
