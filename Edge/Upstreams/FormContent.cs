using System.Net;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Upstreams;

/// <summary>A form that lies in memory and is sent with another value of one field: nothing of it is copied.</summary>
/// <param name="form">As it came.</param>
/// <param name="place">Where the value stands.</param>
/// <param name="value">What is sent there.</param>
internal sealed class FormContent(ReadOnlyMemory<byte> form, Part place, ReadOnlyMemory<byte> value) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(form[..place.Start], cancellationToken);
        await stream.WriteAsync(value, cancellationToken);
        await stream.WriteAsync(form[(place.Start + place.Length)..], cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = form.Length - place.Length + value.Length;
        return true;
    }
}
