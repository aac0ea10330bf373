using System.Buffers;
using System.Globalization;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A provider's stream as it is written for a client of another dialect: each event goes out when it came in.</summary>
/// <param name="reader">Reads the provider's dialect.</param>
/// <param name="writer">Writes the client's.</param>
/// <param name="maker">Whose dialect the provider speaks, to mark what proves its reasoning; null: it is not marked.</param>
internal sealed class StreamTranslation(EventReader reader, EventWriter writer, Dialect? maker = null) : IDisposable
{
    private readonly PooledBytes _data = new(1024);
    private readonly BegunWriter _writer = new(maker is null ? writer : new ProofMarkingWriter(writer, maker));

    /// <summary>Whether the provider told all of an answer, or that it failed.</summary>
    public bool IsWhole => reader.IsWhole || reader.HasFailed;

    /// <summary>Takes the data of one event.</summary>
    /// <exception cref="DialectFaultException">It is none of the provider's dialect.</exception>
    public void Take(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (reader.HasFailed)
        {
            return;
        }

        _data.Clear();
        _data.Add(data);
        reader.Read(_data.Memory, _writer, output);
    }

    /// <summary>Ends a stream that came to its end.</summary>
    public void End(IBufferWriter<byte> output)
    {
        if (!reader.HasFailed)
        {
            reader.End(_writer, output);
            _writer.Write(new StreamEvent(StreamEventKind.End), output);
        }
    }

    /// <summary>Ends a stream that the gateway cuts at its cap.</summary>
    public void Cut(in TokenCounts usage, long answers, UInt128 finished, IBufferWriter<byte> output)
    {
        for (var index = 0; index < Math.Min(answers, 128); index++)
        {
            if ((finished & (UInt128.One << index)) == 0)
            {
                _writer.Write(new StreamEvent(StreamEventKind.Stop) { Candidate = index, Stop = StopReason.Length }, output);
            }
        }

        _writer.Write(new StreamEvent(StreamEventKind.Usage) { Usage = usage }, output);
        _writer.Write(new StreamEvent(StreamEventKind.End), output);
    }

    /// <summary>Says that an event is too long to be translated.</summary>
    /// <exception cref="DialectFaultException">Always.</exception>
    public void Refuse(int longest) => throw new DialectFaultException(string.Create(CultureInfo.InvariantCulture, $"An event is longer than {longest} bytes."));

    public void Dispose() => _data.Dispose();
}
