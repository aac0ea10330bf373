using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>What writers of streams write alike.</summary>
internal static class SseLines
{
    /// <summary>Writes a number.</summary>
    public static void Write(IBufferWriter<byte> output, long number)
    {
        var room = output.GetSpan(20);
        Utf8Formatter.TryFormat(number, room, out var written);
        output.Advance(written);
    }

    /// <summary>Writes a value on one line: line feeds between its tokens would end the event.</summary>
    public static void WriteOnOne(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        while (json.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end)
        {
            output.Write(json[..end]);
            output.Write(" "u8);
            json = json[(end + 1)..];
        }

        output.Write(json);
    }

    /// <summary>Tells as a comment what was left out since; the headers are gone.</summary>
    /// <returns>How many are told now.</returns>
    public static int WriteLosses(IBufferWriter<byte> output, Losses losses, int told)
    {
        if (losses.Count > told)
        {
            output.Write(Encoding.ASCII.GetBytes($": sluice-warnings {losses}\n\n"));
        }

        return losses.Count;
    }
}
