using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>
/// AWS's event stream: length of all, length of the headers, checksum of both, headers, payload, checksum of all. Each message becomes an event whose data is
/// <c>{"type": payload}</c> (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html).
/// </summary>
internal sealed class EventStreamFraming : StreamFraming
{
    private const int Prelude = 12;
    private const int Checksum = 4;
    private const byte Text = 7;

    // What the service sends at most, and what the gateway takes of one event.
    private const int Longest = 16 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _held = new(1024);
    private readonly ArrayBufferWriter<byte> _events = new(1024);

    public override ReadOnlySpan<byte> Take(ReadOnlySpan<byte> came)
    {
        _events.ResetWrittenCount();
        _held.Write(came);
        var rest = _held.WrittenSpan;
        while (rest.Length >= Prelude)
        {
            var (all, headers) = (BinaryPrimitives.ReadUInt32BigEndian(rest), BinaryPrimitives.ReadUInt32BigEndian(rest[4..]));
            if (all > Longest || all < Prelude + Checksum + headers || Crc32.HashToUInt32(rest[..8]) != BinaryPrimitives.ReadUInt32BigEndian(rest[8..]))
            {
                throw new IOException("The provider's stream has a broken frame.");
            }

            if (rest.Length < all)
            {
                break;
            }

            var message = rest[..(int)all];
            if (Crc32.HashToUInt32(message[..^Checksum]) != BinaryPrimitives.ReadUInt32BigEndian(message[^Checksum..]))
            {
                throw new IOException("The provider's stream has a frame whose checksum is wrong.");
            }

            Write(message.Slice(Prelude, (int)headers), message[(Prelude + (int)headers)..^Checksum]);
            rest = rest[(int)all..];
        }

        if (rest.Length < _held.WrittenCount)
        {
            var left = rest.ToArray();
            _held.ResetWrittenCount();
            _held.Write(left);
        }

        return _events.WrittenSpan;
    }

    private void Write(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        var type = TypeOf(headers);
        if (type.IsEmpty || payload.IsEmpty)
        {
            return;
        }

        _events.Write("data: {\""u8);
        _events.Write(type);
        _events.Write("\":"u8);
        SseLines.WriteOnOne(_events, payload);
        _events.Write("}\n\n"u8);
    }

    // Of an event, of an exception, or of an error that has no payload of its own.
    private static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> headers)
    {
        ReadOnlySpan<byte> type = default;
        while (headers.Length > 2)
        {
            var nameLength = headers[0];
            if (headers.Length < nameLength + 4 || headers[nameLength + 1] != Text)
            {
                break;
            }

            var name = headers.Slice(1, nameLength);
            var length = BinaryPrimitives.ReadUInt16BigEndian(headers[(nameLength + 2)..]);
            headers = headers[(nameLength + 4)..];
            if (headers.Length < length)
            {
                break;
            }

            if (name.SequenceEqual(":event-type"u8) || name.SequenceEqual(":exception-type"u8) || name.SequenceEqual(":error-code"u8))
            {
                type = headers[..length];
            }

            headers = headers[length..];
        }

        return type.ContainsAnyExceptInRange((byte)'-', (byte)'z') ? default : type;
    }
}
