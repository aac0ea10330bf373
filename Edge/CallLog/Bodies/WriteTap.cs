using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>An answer's body that is noted while it goes on.</summary>
internal sealed class WriteTap(HttpContext http, Stream inner, BodyPart part, ImmutableArray<string> allowed) : WrittenBody
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        part.Describe(http.Response.Headers, allowed);
        part.Add(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
