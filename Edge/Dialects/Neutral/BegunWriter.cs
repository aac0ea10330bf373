using System.Buffers;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Sees that a stream begins before it goes on, and once, whatever the provider sends: other writers rely on it.</summary>
internal sealed class BegunWriter(EventWriter writer) : EventWriter
{
    private bool _isBegun;

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        if (piece.Kind is StreamEventKind.Start && _isBegun)
        {
            return;
        }

        if (!_isBegun && piece.Kind is not (StreamEventKind.Usage or StreamEventKind.Ping or StreamEventKind.Error))
        {
            _isBegun = true;
            if (piece.Kind is not StreamEventKind.Start)
            {
                writer.Write(new StreamEvent(StreamEventKind.Start), output);
            }
        }

        writer.Write(piece, output);
    }
}
