using System.Buffers;
using System.Text;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>All that a tap says of a stream and passes on, for streams given in pieces.</summary>
internal sealed record TappedStream(string Passed, TokenCounts? Usage, bool Done, long TextBytes)
{
    /// <summary>Passes a stream cut at these places.</summary>
    public static TappedStream Of(byte[] stream, bool hideUsage, params ReadOnlySpan<int> cuts)
    {
        using var tap = new StreamTap(hideUsage);
        var output = new ArrayBufferWriter<byte>(stream.Length + 1);
        var from = 0;
        foreach (var cut in cuts)
        {
            tap.Pass(stream.AsSpan(from..cut), output);
            from = cut;
        }

        tap.Pass(stream.AsSpan(from), output);
        tap.End(output);
        return new TappedStream(Encoding.Latin1.GetString(output.WrittenSpan), tap.Usage, tap.Done, tap.TextBytes);
    }

    /// <summary>Passes a stream byte by byte.</summary>
    public static TappedStream ByteByByte(byte[] stream, bool hideUsage) => Of(stream, hideUsage, Enumerable.Range(1, Math.Max(0, stream.Length - 1)).ToArray());
}
