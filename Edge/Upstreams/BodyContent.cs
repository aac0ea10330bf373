using System.Net;

namespace Sluice.Edge.Upstreams;

/// <summary>A request's body that lies in memory and stays the caller's to free.</summary>
internal sealed class BodyContent(ReadOnlyMemory<byte> body) : HttpContent
{
    /// <summary>The bytes, for providers inside the process.</summary>
    public ReadOnlyMemory<byte> Body => body;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(body).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(body, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
