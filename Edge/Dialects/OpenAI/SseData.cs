using System.Buffers;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads the data of server-sent events, each given whole: comments and other fields are passed over, several data lines are one text with line feeds between.</summary>
internal sealed class SseData
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];
    private ArrayBufferWriter<byte>? _joined;

    /// <summary>The data; empty where the event has none. It holds until the next call, and as long as <paramref name="sse"/> does.</summary>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> sse)
    {
        // A byte order mark may stand at the begin of a stream; nowhere else does a line begin with one.
        if (sse.StartsWith(Mark))
        {
            sse = sse[Mark.Length..];
        }

        ReadOnlySpan<byte> data = default;
        var lines = 0;
        while (!sse.IsEmpty)
        {
            var end = sse.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? sse : sse[..end];
            sse = end < 0 ? default : sse[(end + 1)..];
            if (IsData(line, out var value))
            {
                data = lines++ == 0 ? value : Join(data, value, lines);
            }
        }

        return data;
    }

    private static bool IsData(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!line.StartsWith("data"u8))
        {
            return false;
        }

        value = line["data"u8.Length..];
        if (value.IsEmpty)
        {
            return true;
        }

        if (value[0] != ':')
        {
            return false;
        }

        value = value[1..];
        value = value is [(byte)' ', ..] ? value[1..] : value;
        return true;
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, int lines)
    {
        _joined ??= new ArrayBufferWriter<byte>(1024);
        if (lines == 2)
        {
            _joined.ResetWrittenCount();
            _joined.Write(before);
        }

        _joined.Write("\n"u8);
        _joined.Write(value);
        return _joined.WrittenSpan;
    }
}
