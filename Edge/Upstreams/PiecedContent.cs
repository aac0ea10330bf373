using System.Net;

namespace Sluice.Edge.Upstreams;

/// <summary>A request's body that lies in memory in pieces, such as what came with another value of one field: nothing of it is copied.</summary>
internal sealed class PiecedContent(ReadOnlyMemory<byte>[] pieces) : HttpContent
{
    /// <summary>Of all of them.</summary>
    public static int LengthOf(ReadOnlyMemory<byte>[] pieces) => pieces.Sum(piece => piece.Length);

    /// <summary>The pieces in one.</summary>
    public static byte[] Join(ReadOnlyMemory<byte>[] pieces)
    {
        var joined = new byte[LengthOf(pieces)];
        var room = joined.AsMemory();
        foreach (var piece in pieces)
        {
            piece.CopyTo(room);
            room = room[piece.Length..];
        }

        return joined;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(piece, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = LengthOf(pieces);
        return true;
    }
}
