using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// <c>reasoning_details</c>, in which compatible providers and clients keep what proves reasoning: <c>reasoning.text</c> with its signature, <c>reasoning.encrypted</c> with its data
/// (https://openrouter.ai/docs/use-cases/reasoning-tokens).
/// </summary>
internal static class ReasoningDetails
{
    /// <summary>Reads the parts; those of text only where it was not told otherwise.</summary>
    public static void Read(Json details, List<ContentPart> parts, bool onlyRedacted)
    {
        var items = details.IsList ? details.Items() : default;
        while (items.Next())
        {
            var (text, data, signature) = ReadOne(items.Value);
            if (data.HasText)
            {
                parts.Add(new ReasoningPart { Redacted = data, Origin = items.Value });
            }
            else if (!onlyRedacted && (text.HasText || signature.HasText))
            {
                parts.Add(new ReasoningPart { Text = text, Signature = signature, Origin = items.Value });
            }
        }
    }

    /// <summary>The signature that is there first, or nothing.</summary>
    public static Json SignatureOf(Json details)
    {
        var items = details.IsList ? details.Items() : default;
        while (items.Next())
        {
            if (ReadOne(items.Value).Signature is { HasText: true } signature)
            {
                return signature;
            }
        }

        return default;
    }

    /// <summary>Writes the field, where a part has something that only it can hold.</summary>
    public static void Write(Utf8JsonWriter writer, List<ContentPart> parts)
    {
        var isBegun = false;
        foreach (var part in parts)
        {
            if (part is ReasoningPart thought && (thought.Signature.HasText || thought.Redacted.HasText))
            {
                if (!isBegun)
                {
                    writer.WriteStartArray("reasoning_details"u8);
                    isBegun = true;
                }

                Write(writer, thought);
            }
        }

        if (isBegun)
        {
            writer.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter writer, ReasoningPart thought)
    {
        writer.WriteStartObject();
        if (thought.Redacted.HasText)
        {
            writer.WriteString("type"u8, "reasoning.encrypted"u8);
            thought.Redacted.WriteTo(writer, "data"u8);
        }
        else
        {
            writer.WriteString("type"u8, "reasoning.text"u8);
            thought.Text.WriteTo(writer, "text"u8);
            thought.Signature.WriteTo(writer, "signature"u8);
        }

        writer.WriteEndObject();
    }

    private static (Json Text, Json Data, Json Signature) ReadOne(Json detail)
    {
        var (text, data, signature) = (default(Json), default(Json), default(Json));
        var fields = detail.IsObject ? detail.Fields() : default;
        while (fields.Next())
        {
            text = fields.Is("text"u8) ? fields.Value : text;
            data = fields.Is("data"u8) ? fields.Value : data;
            signature = fields.Is("signature"u8) ? fields.Value : signature;
        }

        return (text, data, signature);
    }
}
