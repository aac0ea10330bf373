using System.Buffers;
using Sluice.Edge.Memory;

namespace Sluice.Edge.Upstreams;

/// <summary>Bytes of which more may come, in a rented buffer.</summary>
internal sealed class PooledBytes(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 256));

    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    /// <summary>Room for more: at least one byte.</summary>
    public Memory<byte> Room()
    {
        if (Length == _buffer.Length)
        {
            Grow();
        }

        return _buffer.AsMemory(Length);
    }

    /// <summary>Room for more: at least as many bytes as asked for.</summary>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        while (_buffer.Length - Length < Math.Max(sizeHint, 1))
        {
            Grow();
        }

        return _buffer.AsMemory(Length);
    }

    /// <summary>Room for more: at least as many bytes as asked for.</summary>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Forgets the bytes and keeps their room.</summary>
    public void Clear() => Length = 0;

    /// <summary>Gives the buffer away, to be returned to the shared pool.</summary>
    public byte[] Detach(out int length)
    {
        (var buffer, length, _buffer, Length) = (_buffer, Length, [], 0);
        return buffer;
    }

    /// <summary>Counts what was written into the room.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room().Span;
            var part = bytes[..Math.Min(room.Length, bytes.Length)];
            part.CopyTo(room);
            Advance(part.Length);
            bytes = bytes[part.Length..];
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        Span.CopyTo(larger);
        ReturnedBuffers.Return(_buffer);
        _buffer = larger;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ReturnedBuffers.Return(_buffer);
            _buffer = [];
        }
    }
}
