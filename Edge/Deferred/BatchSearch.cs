using System.Text.Json;

namespace Sluice.Edge.Deferred;

/// <summary>
/// Looks for a batch whose provider was asked and whose answer was lost: in the provider's list, page after page, newest first. Its file is the edge's own, so that one batch alone can have it.
/// It promises that a batch which may have been begun is never taken for one that was not. Plain code.
/// </summary>
/// <param name="input">The provider's id of its file.</param>
/// <param name="askedAt">When the provider was asked.</param>
/// <param name="now">When it is looked for.</param>
internal sealed class BatchSearch(string input, DateTimeOffset askedAt, DateTimeOffset now)
{
    // Of the provider's clock to this one's.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>The batch; null: it was not seen yet.</summary>
    public BatchObject? Found { get; private set; }

    /// <summary>It, as the provider tells it.</summary>
    public JsonElement Told { get; private set; }

    /// <summary>After which batch the next page begins; null: there is none to be looked at.</summary>
    public string? After { get; private set; }

    /// <summary>Whether it was not begun and cannot be any more.</summary>
    public bool IsSurelyNone { get; private set; }

    /// <summary>Takes a page.</summary>
    /// <exception cref="IOException">It is no list.</exception>
    public void Take(JsonElement list)
    {
        if (list.ValueKind is not JsonValueKind.Object || !list.TryGetProperty("data", out var data) || data.ValueKind is not JsonValueKind.Array)
        {
            throw new IOException("The provider does not list batches.");
        }

        After = null;
        var oldest = (askedAt - Skew).ToUnixTimeSeconds();
        string? last = null;
        foreach (var item in data.EnumerateArray())
        {
            if (BatchObject.Read(item) is not { } batch)
            {
                continue;
            }

            last = batch.Id;
            if (string.Equals(batch.Input, input, StringComparison.Ordinal))
            {
                (Found, Told) = (batch, item);
                return;
            }

            if (batch.CreatedAt < oldest)
            {
                IsSurelyNone = now - askedAt >= UnknownWork.CertainAfter;
                return;
            }
        }

        if (list.TryGetProperty("has_more", out var more) && more.ValueKind is JsonValueKind.True && last is not null)
        {
            After = last;
            return;
        }

        IsSurelyNone = now - askedAt >= UnknownWork.CertainAfter;
    }
}
