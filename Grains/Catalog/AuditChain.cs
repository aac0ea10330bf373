using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The chain of audit entries: each entry's hash covers the one before, and the head's row holds the last, so that nothing of the history can be altered, left
/// out or put in without the chain showing it. Plain rules, described in docs/reload.md.
/// </summary>
public static class AuditChain
{
    /// <summary>The hash of an entry: SHA-256, lower-case hex, over the entry before and all that is told of the revision.</summary>
    public static string Hash(string previous, RevisionSummary info)
    {
        var text = new StringBuilder();
        Add(text, previous);
        Add(text, info.Number.ToString(CultureInfo.InvariantCulture));
        Add(text, info.Hash);
        Add(text, info.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Add(text, info.Author.Name);
        Add(text, info.Author.Via);
        Add(text, info.Author.From);
        Add(text, info.Reason ?? "");
        Add(text, info.RollbackOf?.ToString(CultureInfo.InvariantCulture) ?? "");
        foreach (var change in info.Changes)
        {
            Add(text, $"{change.Type} {change.Kind}/{change.Name}");
            if (change.OwnerAfter is { } owner)
            {
                // Only where there is one, so that entries of before there were owners keep their hashes.
                Add(text, $"{change.OwnerBefore} -> {owner}");
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    // Each field with its length before it: no two entries have one text.
    private static void Add(StringBuilder text, string field) => text.Append(CultureInfo.InvariantCulture, $"{field.Length}:{field};");
}
