using System.Text;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>Blocks of headers (RFC 7541): written as literals that are not indexed, so that names and values are what a test says, byte by byte; of answers the status is read.</summary>
internal static class HeaderBlock
{
    // RFC 7541 appendix A: :status 200, 204, 206, 304, 400, 404, 500 are 8 to 14.
    private const int FirstStatus = 8;
    private static readonly string[] IndexedStatus = ["200", "204", "206", "304", "400", "404", "500"];

    /// <summary>The headers that every request must have, and more behind them.</summary>
    public static (string Name, string Value)[] Request(string path, string method = "GET", params (string Name, string Value)[] more) =>
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a"), .. more];

    /// <summary>Headers as they are, in Latin-1.</summary>
    public static byte[] Of(params ReadOnlySpan<(string Name, string Value)> headers)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0);
            Text(block, name);
            Text(block, value);
        }

        return block.ToArray();
    }

    /// <summary>The status of an answer: the first of its headers.</summary>
    public static string Status(ReadOnlySpan<byte> block)
    {
        // A table of size 0 was asked for, which the peer may say first.
        while ((block[0] & 0xE0) == 0x20)
        {
            block = block[1..];
        }

        if ((block[0] & 0x80) != 0)
        {
            return IndexedStatus[(block[0] & 0x7F) - FirstStatus];
        }

        // A literal whose name is one of :status, and whose value has three digits without Huffman's code.
        return Encoding.ASCII.GetString(block.Slice(2, 3));
    }

    private static void Text(MemoryStream to, string text)
    {
        Integer(to, text.Length);
        to.Write(Encoding.Latin1.GetBytes(text));
    }

    // RFC 7541 §5.1, with a prefix of seven bits.
    private static void Integer(MemoryStream to, int value)
    {
        if (value < 127)
        {
            to.WriteByte((byte)value);
            return;
        }

        to.WriteByte(127);
        for (value -= 127; value >= 128; value >>= 7)
        {
            to.WriteByte((byte)(value | 0x80));
        }

        to.WriteByte((byte)value);
    }
}
