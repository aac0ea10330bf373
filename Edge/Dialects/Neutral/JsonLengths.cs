using System.Buffers;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>How long a JSON value is, found by its brackets and quotes alone: several times faster than a reader that judges each token. Zero where it does not end.</summary>
internal static class JsonLengths
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> EndsScalar = SearchValues.Create(",}] \t\r\n"u8);

    /// <summary>Of the value that the bytes begin with; a number at their very end has none.</summary>
    public static int OfValue(ReadOnlySpan<byte> json) => json[0] switch
    {
        (byte)'"' => OfString(json),
        (byte)'{' or (byte)'[' => OfNested(json),
        _ => json.IndexOfAny(EndsScalar),
    };

    /// <summary>Of the string that begins at <paramref name="from"/>, with both quotes.</summary>
    public static int OfString(ReadOnlySpan<byte> json, int from = 0)
    {
        var at = from + 1;
        while (json[at..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var found)
        {
            at += found;
            if (json[at] == '"')
            {
                return at + 1 - from;
            }

            at += 2;
            if (at > json.Length)
            {
                return 0;
            }
        }

        return 0;
    }

    private static int OfNested(ReadOnlySpan<byte> json)
    {
        var (at, depth) = (0, 0);
        while (json[at..].IndexOfAny(Structure) is >= 0 and var found)
        {
            at += found;
            if (json[at] == '"')
            {
                if (OfString(json, at) is not (> 0 and var length))
                {
                    return 0;
                }

                at += length;
                continue;
            }

            depth += json[at] is (byte)'{' or (byte)'[' ? 1 : -1;
            at++;
            if (depth == 0)
            {
                return at;
            }
        }

        return 0;
    }
}
