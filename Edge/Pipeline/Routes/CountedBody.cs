using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>An answer's body that ends with an error once it is longer than it may be. Nothing of the piece that is too much goes out.</summary>
internal sealed class CountedBody(HttpContext http, Stream inner, long most) : Stream
{
    private long _count;

    /// <summary>Whether it came to more than it may.</summary>
    public bool IsOver { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _count += buffer.Length;
        if (_count > most || http.Response.ContentLength > most)
        {
            IsOver = true;
            throw new IOException("The answer is larger than its route passes on.");
        }

        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
