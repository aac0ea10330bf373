using System.Buffers;
using System.Text.Json;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// What other providers proved, in the body of a request that passes as it is: a client speaks the provider's own dialect, but was answered by providers of others before. The parts that
/// hold it are taken out; all other bytes stay.
/// </summary>
internal static class ForeignProofs
{
    // "~ssluice." and "~rsluice." in base64, in which Gemini's clients keep proofs of other dialects.
    private static readonly byte[][] Wrapped = [[.. "fnNzbHVpY2Uu"u8], [.. "fnJzbHVpY2Uu"u8]];
    private static readonly string[] Names = ["signature", "data", "encrypted_content", "thoughtSignature", "thought_signature"];

    /// <summary>Whether there may be any.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> body) => body.IndexOf("\"sluice."u8) >= 0 || body.IndexOf(Wrapped[0]) >= 0 || body.IndexOf(Wrapped[1]) >= 0;

    /// <summary>The body without them, in a rented buffer; null where there are none.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="losses">Takes what is left out.</param>
    /// <param name="length">Of what is given back.</param>
    public static byte[]? Remove(ReadOnlyMemory<byte> body, Losses losses, out int length)
    {
        var cuts = new List<(int From, int To)>();
        losses.Source = Json.OfBody(body);
        Find(losses.Source, cuts, losses);
        length = 0;
        if (cuts.Count == 0)
        {
            return null;
        }

        var kept = ArrayPool<byte>.Shared.Rent(body.Length);
        var from = 0;
        foreach (var (begin, end) in cuts)
        {
            body.Span[from..begin].CopyTo(kept.AsSpan(length));
            length += begin - from;
            from = end;
        }

        body.Span[from..].CopyTo(kept.AsSpan(length));
        length += body.Length - from;
        return kept;
    }

    private static void Find(Json value, List<(int From, int To)> cuts, Losses losses)
    {
        var fields = value.IsObject ? value.Fields() : default;
        while (fields.Next())
        {
            if (fields.Value.IsObject || fields.Value.IsList)
            {
                Find(fields.Value, cuts, losses);
            }
        }

        if (value.IsList)
        {
            FindIn(value, cuts, losses);
        }
    }

    private static void FindIn(Json list, List<(int From, int To)> cuts, Losses losses)
    {
        var items = new List<Json>();
        var cursor = list.Items();
        while (cursor.Next())
        {
            items.Add(cursor.Value);
        }

        var isAnyKept = false;
        for (var i = 0; i < items.Count; i++)
        {
            if (!IsForeign(items[i]))
            {
                isAnyKept = true;
                Find(items[i], cuts, losses);
                continue;
            }

            // With the comma before it; where none stays before it, with the one behind.
            losses.Add(items[i], "what proves reasoning to another provider is not sent to this one");
            cuts.Add(isAnyKept ? (EndOf(items[i - 1]), EndOf(items[i])) : (items[i].At, i + 1 < items.Count ? items[i + 1].At : EndOf(items[i])));
        }
    }

    private static int EndOf(Json value) => value.At + value.Raw.Length;

    private static bool IsForeign(Json item)
    {
        var fields = item.IsObject ? item.Fields() : default;
        while (fields.Next())
        {
            if (fields.Value.IsString && Names.Contains(fields.NameText, StringComparer.Ordinal) && (Provenance.IsMarked(fields.Value.Span) || fields.Value.Span[1..].StartsWith(Wrapped[0]) || fields.Value.Span[1..].StartsWith(Wrapped[1])))
            {
                return true;
            }
        }

        return false;
    }
}
