using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Schemas in the form of OpenAPI 3.0 that <c>parameters</c> and <c>responseSchema</c> have, as JSON schemas: types in small letters, <c>nullable</c> as a type beside the other.</summary>
internal static class JsonSchemas
{
    /// <summary>The schema; as it is where nothing in it differs.</summary>
    public static Json Of(Json schema)
    {
        if (!schema.IsObject)
        {
            return schema;
        }

        var buffer = new ArrayBufferWriter<byte>(schema.Raw.Length + 16);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            Write(schema, writer);
        }

        return new Json(buffer.WrittenMemory, schema.At);
    }

    private static void Write(Json schema, Utf8JsonWriter writer)
    {
        var isNullable = false;
        var fields = schema.Fields();
        while (fields.Next())
        {
            isNullable |= fields.Is("nullable"u8) && fields.Value.IsTrue;
        }

        writer.WriteStartObject();
        fields = schema.Fields();
        while (fields.Next())
        {
            if (fields.Is("nullable"u8) || fields.Is("propertyOrdering"u8) || fields.Is("property_ordering"u8))
            {
                continue;
            }

            writer.WritePropertyName(fields.Name);
            if (fields.Is("type"u8) && fields.Value.IsString)
            {
                WriteType(fields.Value.ForPerson(), isNullable, writer);
            }
            else if (fields.Is("properties"u8) || fields.Is("$defs"u8) || fields.Is("defs"u8))
            {
                WriteNamed(fields.Value, writer);
            }
            else
            {
                WriteInner(fields.NameText, fields.Value, writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteType(string type, bool isNullable, Utf8JsonWriter writer)
    {
        if (!isNullable)
        {
            writer.WriteStringValue(type.ToLowerInvariant());
            return;
        }

        writer.WriteStartArray();
        writer.WriteStringValue(type.ToLowerInvariant());
        writer.WriteStringValue("null"u8);
        writer.WriteEndArray();
    }

    private static void WriteNamed(Json properties, Utf8JsonWriter writer)
    {
        if (!properties.IsObject)
        {
            properties.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        var fields = properties.Fields();
        while (fields.Next())
        {
            writer.WritePropertyName(fields.Name);
            WriteSchema(fields.Value, writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteInner(string name, Json value, Utf8JsonWriter writer)
    {
        if (name is "items" or "additionalProperties" or "not")
        {
            WriteSchema(value, writer);
        }
        else if (name is "anyOf" or "any_of" or "oneOf" or "allOf" or "prefixItems" && value.IsList)
        {
            writer.WriteStartArray();
            var items = value.Items();
            while (items.Next())
            {
                WriteSchema(items.Value, writer);
            }

            writer.WriteEndArray();
        }
        else if (name is "minItems" or "maxItems" or "minLength" or "maxLength" or "minProperties" or "maxProperties" && value.HasText && !value.Span[1..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            // Protocol buffers write large numbers as strings.
            writer.WriteRawValue(value.Span[1..^1], skipInputValidation: true);
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static void WriteSchema(Json value, Utf8JsonWriter writer)
    {
        if (value.IsObject)
        {
            Write(value, writer);
        }
        else
        {
            value.WriteTo(writer);
        }
    }
}
