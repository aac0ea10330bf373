using System.Buffers;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>A request's body that keeps a copy of what is read of it. Once it was read to its end the copy is given on; where that is larger than it may be, or never comes, the reason is.</summary>
/// <param name="inner">The body.</param>
/// <param name="length">As the client told it; null: it did not.</param>
/// <param name="most">The most bytes that are copied.</param>
/// <param name="whole">Takes the copy.</param>
/// <param name="lost">Takes why there is none.</param>
internal sealed class BodyCopy(Stream inner, long? length, int most, Action<ReadOnlyMemory<byte>> whole, Action<MirrorEnd> lost) : ReadBody
{
    private ArrayBufferWriter<byte>? _copy = new(Math.Max((int)Math.Min(length ?? 4096, most), 256));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (buffer.Length > 0)
        {
            Note(buffer.Span[..count]);
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Lose(MirrorEnd.Broken);
        }

        base.Dispose(disposing);
    }

    private void Note(ReadOnlySpan<byte> read)
    {
        if (_copy is not { } copy)
        {
            return;
        }

        if (length > most || copy.WrittenCount + read.Length > most)
        {
            Lose(MirrorEnd.Large);
            return;
        }

        copy.Write(read);
        if ((read.IsEmpty || copy.WrittenCount == length) && Interlocked.Exchange(ref _copy, null) is not null)
        {
            whole(copy.WrittenMemory);
        }
    }

    private void Lose(MirrorEnd end)
    {
        // The body may still be read while the request ends.
        if (Interlocked.Exchange(ref _copy, null) is not null)
        {
            lost(end);
        }
    }
}
