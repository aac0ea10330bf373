using System.Net;

namespace Sluice.Edge.Deferred;

/// <summary>A batch's file as its provider is to read it: made line by line from the client's, which is read a second time, so that neither is ever whole in memory.</summary>
/// <param name="lines">The client's file, from its beginning.</param>
/// <param name="requests">What becomes of its lines.</param>
/// <param name="length">Of the whole, as the first reading told.</param>
internal sealed class BatchFile(JsonLines lines, BatchRequests requests, long length) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        while (await lines.NextAsync())
        {
            if (requests.Take(lines.Line, lines.IsTooLong, out var sent) is { } wrong)
            {
                throw new IOException($"The file has changed since it was read first: {wrong.Message}");
            }

            await stream.WriteAsync(sent, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
