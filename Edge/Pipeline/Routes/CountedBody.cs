using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>An answer's body that ends with an error once it is longer than it may be. Nothing of the piece that is too much goes out.</summary>
internal sealed class CountedBody(HttpContext http, Stream inner, long most) : WrittenBody
{
    private long _count;

    /// <summary>Whether it came to more than it may.</summary>
    public bool IsOver { get; private set; }

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

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

}
