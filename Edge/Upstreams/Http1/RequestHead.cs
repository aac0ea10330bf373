using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>Writes a request's head, and a small body behind it, into a rented buffer: what is sent in one step.</summary>
internal sealed class RequestHead : IDisposable
{
    private static readonly SearchValues<char> NeverInValues = SearchValues.Create("\0\r\n");
    private readonly PooledBytes _bytes = new(4096);

    /// <summary>What is to be sent.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.Memory;

    /// <summary>Begins with the request line and the host.</summary>
    public void Begin(string method, string pathStart, string path, string query, ReadOnlySpan<byte> host)
    {
        Write(method);
        _bytes.Add(" "u8);
        Write(pathStart);
        Write(path);
        Write(query);
        _bytes.Add(" HTTP/1.1\r\nHost: "u8);
        _bytes.Add(host);
        _bytes.Add("\r\n"u8);
    }

    /// <summary>Adds a header.</summary>
    /// <exception cref="ArgumentException">The value would end its line.</exception>
    public void Add(string name, string? value)
    {
        if (value.AsSpan().ContainsAny(NeverInValues))
        {
            throw new ArgumentException($"The header {name} holds NUL or a line end.", nameof(value));
        }

        Write(name);
        _bytes.Add(": "u8);
        Write(value);
        _bytes.Add("\r\n"u8);
    }

    /// <summary>Ends the head of a request that has a body of this length; null for requests that have none.</summary>
    public void End(long? length)
    {
        if (length is { } count)
        {
            _bytes.Add("Content-Length: "u8);
            Span<byte> digits = stackalloc byte[20];
            count.TryFormat(digits, out var written, provider: CultureInfo.InvariantCulture);
            _bytes.Add(digits[..written]);
            _bytes.Add("\r\n"u8);
        }

        _bytes.Add("\r\n"u8);
    }

    /// <summary>Adds the body.</summary>
    public void AddBody(ReadOnlySpan<byte> body) => _bytes.Add(body);

    public void Dispose() => _bytes.Dispose();

    private void Write(string? text)
    {
        while (text is { Length: > 0 })
        {
            var room = _bytes.Room().Span;
            var count = Math.Min(room.Length, text.Length);
            _bytes.Advance(Encoding.Latin1.GetBytes(text.AsSpan(0, count), room));
            text = count == text.Length ? null : text[count..];
        }
    }
}
