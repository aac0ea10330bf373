using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>Writes JSON anew without what is never kept: texts are looked at as they read, whatever they are escaped as. Of JSON that was cut, what is whole of it stays, and what is open is closed.</summary>
internal static class JsonRedaction
{
    private static readonly JsonWriterOptions Loose = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON; null: it does not begin as JSON does.</summary>
    public static string? Redact(ReadOnlySpan<byte> json, CompiledBodyLogging rules)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 256);
        using (var writer = new Utf8JsonWriter(output, Loose))
        {
            var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
            var open = new Stack<bool>();
            var (isNamed, isCut) = (false, false);
            try
            {
                while (!isCut && reader.Read())
                {
                    isNamed = Write(ref reader, writer, open, rules, ref isCut);
                }
            }
            catch (JsonException) when (writer.BytesCommitted + writer.BytesPending > 0)
            {
                // What was read is kept; what follows is no JSON.
            }
            catch (JsonException)
            {
                return null;
            }

            if (isNamed)
            {
                writer.WriteNullValue();
            }

            while (open.TryPop(out var isObject))
            {
                if (isObject)
                {
                    writer.WriteEndObject();
                }
                else
                {
                    writer.WriteEndArray();
                }
            }
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>A text of JSON as it reads.</summary>
    internal static string TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or no UTF-8.
            return Detectors.Redacted;
        }
    }

    // Whether a name was written whose value is still to come.
    private static bool Write(ref Utf8JsonReader reader, Utf8JsonWriter writer, Stack<bool> open, CompiledBodyLogging rules, ref bool isCut)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                open.Push(true);
                return false;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                open.Push(false);
                return false;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                open.Pop();
                return false;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                open.Pop();
                return false;
            case JsonTokenType.PropertyName:
                return WriteName(ref reader, writer, rules, ref isCut);
            case JsonTokenType.String:
                writer.WriteStringValue(Detectors.Redact(TextOf(reader), rules));
                return false;
            default:
                WriteRaw(Encoding.UTF8.GetString(reader.ValueSpan), writer, rules);
                return false;
        }
    }

    private static bool WriteName(ref Utf8JsonReader reader, Utf8JsonWriter writer, CompiledBodyLogging rules, ref bool isCut)
    {
        var name = TextOf(reader);
        writer.WritePropertyName(Detectors.Redact(name, rules));
        if (!rules.Fields.Contains(name))
        {
            return true;
        }

        writer.WriteStringValue(Detectors.Redacted);

        // Where it is cut within the value, nothing of it is read.
        isCut = !reader.TrySkip();
        return false;
    }

    // A number may be a card's.
    private static void WriteRaw(string raw, Utf8JsonWriter writer, CompiledBodyLogging rules)
    {
        var redacted = Detectors.Redact(raw, rules);
        if (string.Equals(raw, redacted, StringComparison.Ordinal))
        {
            writer.WriteRawValue(raw, skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(redacted);
        }
    }
}
