using System.Buffers.Binary;
using System.Text;

namespace Sluice.Tests.Processes;

/// <summary>The fields of a message in protobuf's wire format, as numbers and bytes: what a message means is for who reads it.</summary>
public sealed class ProtobufFields
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> _fields = [];

    public ProtobufFields(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var key = Varint(ref message);
            var (value, bytes) = (0UL, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0:
                    value = Varint(ref message);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message);
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    bytes = message[..length].ToArray();
                    message = message[length..];
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(message);
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException("This is no protobuf.");
            }

            _fields.Add(((int)(key >> 3), value, bytes));
        }
    }

    /// <summary>The messages of a field.</summary>
    public IEnumerable<ProtobufFields> Messages(int number) => Bytes(number).Select(bytes => new ProtobufFields(bytes));

    /// <summary>The bytes of a field, each time that it is there.</summary>
    public IEnumerable<byte[]> Bytes(int number) => _fields.Where(f => f.Number == number).Select(f => f.Bytes);

    /// <summary>The text of a field; empty: it is not there.</summary>
    public string Text(int number) => Bytes(number).Select(Encoding.UTF8.GetString).LastOrDefault() ?? "";

    /// <summary>The number of a field; 0: it is not there.</summary>
    public ulong Number(int number) => _fields.Where(f => f.Number == number).Select(f => f.Value).LastOrDefault();

    /// <summary>Whether a field is there.</summary>
    public bool Has(int number) => _fields.Exists(f => f.Number == number);

    private static ulong Varint(ref ReadOnlySpan<byte> rest)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var next = rest[0];
            rest = rest[1..];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }

            shift += 7;
        }
    }
}
