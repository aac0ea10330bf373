using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.Revisions.Reading;

/// <summary>Writes a YAML node as JSON, scalars by the YAML 1.2 core schema: only <c>true</c> and <c>false</c> are booleans, what is quoted is text. Bounded, since an alias may name a great node many times.</summary>
internal sealed partial class YamlToJson
{
    private const int MostNodes = 100_000;
    private const int MostDepth = 64;

    private int _nodes;

    /// <exception cref="YamlException">Too many nodes, too deep, or a key that is not a plain text.</exception>
    public byte[] Write(YamlNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            Write(writer, node, 0);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter writer, YamlNode node, int depth)
    {
        if (++_nodes > MostNodes || depth > MostDepth)
        {
            throw new YamlException(node.Start, node.End, string.Create(CultureInfo.InvariantCulture, $"more than {MostNodes} nodes, aliases counted out, or deeper than {MostDepth}"));
        }

        if (!node.Tag.IsEmpty)
        {
            throw new YamlException(node.Start, node.End, $"the tag '{node.Tag}' is not read: quote what is a text, and leave it away elsewhere");
        }

        switch (node)
        {
            case YamlMappingNode map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    writer.WritePropertyName((key as YamlScalarNode)?.Value ?? throw new YamlException(key.Start, key.End, "a key must be a plain text"));
                    Write(writer, value, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case YamlSequenceNode list:
                writer.WriteStartArray();
                foreach (var item in list.Children)
                {
                    Write(writer, item, depth + 1);
                }

                writer.WriteEndArray();
                break;
            default:
                WriteScalar(writer, (YamlScalarNode)node);
                break;
        }
    }

    /// <summary>Whether this, written plain, is read as text.</summary>
    public static bool IsText(string plain) => !IsNull(plain) && !IsBoolean(plain) && !IsWhole(plain, out _) && !IsReal(plain, out _);

    private static void WriteScalar(Utf8JsonWriter writer, YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain)
        {
            writer.WriteStringValue(text);
        }
        else if (IsNull(text))
        {
            writer.WriteNullValue();
        }
        else if (IsBoolean(text))
        {
            writer.WriteBooleanValue(text[0] is 't' or 'T');
        }
        else if (LeadingZero().IsMatch(text))
        {
            throw new YamlException(scalar.Start, scalar.End, $"'{text}' is read by some as octal: write a number without leading zeros, and a text in quotes");
        }
        else if (IsWhole(text, out var number))
        {
            writer.WriteNumberValue(number);
        }
        else if (IsReal(text, out var real))
        {
            writer.WriteNumberValue(real);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    private static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    private static bool IsBoolean(string text) => text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE";

    private static bool IsWhole(string text, out long number) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static bool IsReal(string text, out decimal real)
    {
        real = 0;
        return Float().IsMatch(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out real);
    }

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Float();

    [GeneratedRegex(@"\A[-+]?0[0-9]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LeadingZero();
}
