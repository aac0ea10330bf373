using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Silo.Admin;

/// <summary>A resource whose kind and name stand in the request's path: the body may leave them out, and may not say otherwise.</summary>
internal static class NamedResource
{
    public static (byte[] Resource, List<FieldError> Errors) Complete(byte[] written, string kind, string name)
    {
        using var document = JsonDocument.Parse(written);
        var errors = new List<FieldError>();
        var lacksKind = Lacks(document.RootElement, "kind", kind, errors);
        var lacksName = Lacks(document.RootElement, "name", name, errors);
        if (errors.Count > 0 || (!lacksKind && !lacksName))
        {
            return (written, errors);
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            if (lacksKind)
            {
                writer.WriteString("kind", kind);
            }

            if (lacksName)
            {
                writer.WriteString("name", name);
            }

            foreach (var field in document.RootElement.EnumerateObject())
            {
                field.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return (stream.ToArray(), errors);
    }

    private static bool Lacks(JsonElement root, string field, string expected, List<FieldError> errors)
    {
        if (!root.TryGetProperty(field, out var value))
        {
            return true;
        }

        if (value.ValueKind is not JsonValueKind.String || !string.Equals(value.GetString(), expected, StringComparison.Ordinal))
        {
            errors.Add(new FieldError(field, $"must be '{expected}' as in the path, or left out; is {value.GetRawText()}"));
        }

        return false;
    }
}
