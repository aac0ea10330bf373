using System.Buffers;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Marks in a stream what proves the provider's reasoning (<see cref="Provenance"/>): the first piece of each proof.</summary>
internal sealed class ProofMarkingWriter(EventWriter writer, Dialect maker) : EventWriter
{
    private bool _isAmidProof;

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        if (piece.Kind is StreamEventKind.Redacted || (piece.Kind is StreamEventKind.Signature && !_isAmidProof))
        {
            writer.Write(piece with { Text = Provenance.Put(piece.Text, maker) }, output);
        }
        else
        {
            writer.Write(piece, output);
        }

        _isAmidProof = piece.Kind is StreamEventKind.Signature || (_isAmidProof && piece.Kind is StreamEventKind.Ping or StreamEventKind.Usage);
    }
}
