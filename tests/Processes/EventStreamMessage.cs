using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Sluice.Tests.Processes;

/// <summary>Messages of AWS's event stream, as the service frames them.</summary>
public static class EventStreamMessage
{
    /// <summary>Of a line <c>{"type": payload}</c>.</summary>
    public static byte[] OfLine(string line)
    {
        var field = JsonDocument.Parse(line).RootElement.EnumerateObject().First();
        return Of(field.Name, field.Value.GetRawText());
    }

    /// <summary>Of a type and its payload.</summary>
    public static byte[] Of(string type, string payload) => Of(type, Encoding.UTF8.GetBytes(payload));

    /// <summary>Of a type and its payload.</summary>
    public static byte[] Of(string type, byte[] body)
    {
        var kind = type.EndsWith("Exception", StringComparison.Ordinal) ? "exception" : "event";
        byte[] headers = [.. Header($":{kind}-type", type), .. Header(":content-type", "application/json"), .. Header(":message-type", kind)];
        var message = new byte[12 + headers.Length + body.Length + 4];
        BinaryPrimitives.WriteUInt32BigEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), (uint)headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), Crc32.HashToUInt32(message.AsSpan(0, 8)));
        headers.CopyTo(message, 12);
        body.CopyTo(message, 12 + headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(message.Length - 4), Crc32.HashToUInt32(message.AsSpan(0, message.Length - 4)));
        return message;
    }

    private static byte[] Header(string name, string value) =>
        [(byte)name.Length, .. Encoding.ASCII.GetBytes(name), 7, (byte)(value.Length >> 8), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
