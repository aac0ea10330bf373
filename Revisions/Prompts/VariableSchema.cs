using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Sluice.Revisions.Prompts;

/// <summary>JSON schemas of a prompt's variables, of which only what ends in bounded time is taken.</summary>
public sealed class VariableSchema
{
    // A reference may lead to itself, and a pattern take time without bound for a text that a caller chose.
    private static readonly string[] Refused = ["$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor", "$schema", "$vocabulary", "pattern", "patternProperties", "unevaluatedProperties", "unevaluatedItems"];

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List };

    private readonly JsonSchema _schema;

    private VariableSchema(JsonSchema schema, JsonElement declared) => (_schema, Declared) = (schema, declared);

    /// <summary>As it was declared.</summary>
    public JsonElement Declared { get; }

    /// <summary>Reads one; null where it is not taken.</summary>
    /// <param name="json">An object.</param>
    /// <param name="wrong">Why it is not taken.</param>
    internal static VariableSchema? Parse(JsonElement json, out string wrong)
    {
        if (FindRefused(json) is { } keyword)
        {
            wrong = $"has the keyword '{keyword}', which is not taken";
            return null;
        }

        try
        {
            wrong = "";
            return new VariableSchema(JsonSchema.FromText(json.GetRawText()), json.Clone());
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException or InvalidOperationException)
        {
            wrong = $"is not a JSON schema: {failure.Message}";
            return null;
        }
    }

    /// <summary>What is wrong with variables, the first of it; null: nothing.</summary>
    /// <param name="schema">What they must be; null: none are taken.</param>
    /// <param name="variables">An object.</param>
    public static (string Field, string Message)? Check(VariableSchema? schema, JsonElement variables)
    {
        if (schema is null)
        {
            return variables.EnumerateObject().Select(p => ((string, string)?)(p.Name, "this prompt takes no variables")).FirstOrDefault();
        }

        var result = schema._schema.Evaluate(JsonObject.Create(variables), Options);
        if (result.IsValid)
        {
            return null;
        }

        var first = result.Details.Where(d => d.Errors is { Count: > 0 }).OrderByDescending(d => d.InstanceLocation.ToString().Length).FirstOrDefault();
        var place = first?.InstanceLocation.ToString().TrimStart('/').Replace('/', '.') ?? "";
        return (place, first?.Errors?.Values.FirstOrDefault()?.Trim() ?? "does not follow the prompt's schema");
    }

    private static string? FindRefused(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().Select(FindIn).FirstOrDefault(f => f is not null),
        JsonValueKind.Array => schema.EnumerateArray().Select(FindRefused).FirstOrDefault(f => f is not null),
        _ => null,
    };

    // Below these stand names that are the author's, or values, not keywords.
    private static string? FindIn(JsonProperty property) => property.Name switch
    {
        var name when Refused.Contains(name, StringComparer.Ordinal) => name,
        "enum" or "const" or "default" or "examples" => null,
        "properties" or "$defs" or "definitions" or "dependentSchemas" when property.Value.ValueKind is JsonValueKind.Object =>
            property.Value.EnumerateObject().Select(p => FindRefused(p.Value)).FirstOrDefault(f => f is not null),
        _ => FindRefused(property.Value),
    };
}
