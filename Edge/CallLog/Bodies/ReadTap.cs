using Sluice.Edge.Pipeline;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>A request's body that is noted while it is read.</summary>
internal sealed class ReadTap(Stream inner, BodyPart part) : ReadBody
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        part.Add(buffer.Span[..count]);
        return count;
    }
}
