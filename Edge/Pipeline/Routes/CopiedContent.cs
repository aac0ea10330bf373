using System.Net;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>The body of a copied request, whose headers are known before its bytes are.</summary>
internal sealed class CopiedContent : HttpContent
{
    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Bytes).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => stream.WriteAsync(Bytes, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = Bytes.Length;
        return true;
    }
}
