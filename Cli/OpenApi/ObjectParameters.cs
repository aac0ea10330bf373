using Microsoft.OpenApi;

namespace Sluice.Cli.OpenApi;

/// <summary>Parameters of the query that are objects, as the several that they are written as: <c>filter[color]</c> in the style <c>deepObject</c>, <c>color</c> in <c>form</c>.</summary>
internal static class ObjectParameters
{
    /// <summary>The parts; null: they are not known by their names, or not by themselves.</summary>
    public static IReadOnlyList<ObjectPart>? Of(IOpenApiParameter parameter)
    {
        var isDeep = parameter.Style is ParameterStyle.DeepObject;
        if (!IsObject(parameter.Schema) || !(isDeep || parameter is { Style: null or ParameterStyle.Form, Explode: true })
            || parameter.Schema is not { Properties: { Count: > 0 } properties, AdditionalProperties: null } schema)
        {
            return null;
        }

        var parts = properties.Select(property => new ObjectPart(
            isDeep ? $"{parameter.Name}[{property.Key}]" : property.Key, property.Value, parameter.Required && schema.Required?.Contains(property.Key) is true)).ToList();
        return parts.TrueForAll(part => IsScalar(part.Schema)) ? parts : null;
    }

    /// <summary>Whether a schema is of objects.</summary>
    public static bool IsObject(IOpenApiSchema? schema) => (schema?.Type ?? default).HasFlag(JsonSchemaType.Object) || schema?.Properties is { Count: > 0 };

    private static bool IsScalar(IOpenApiSchema schema) => schema.Type is { } type && !type.HasFlag(JsonSchemaType.Object) && !type.HasFlag(JsonSchemaType.Array);
}

/// <summary>One of them.</summary>
/// <param name="Name">In the query.</param>
/// <param name="Schema">Of its value.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal sealed record ObjectPart(string Name, IOpenApiSchema Schema, bool IsRequired);
