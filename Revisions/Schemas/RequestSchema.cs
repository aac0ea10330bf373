using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Sluice.Revisions.Schemas;

/// <summary>A JSON schema (2020-12) of what requests carry, ready to be run: see <see cref="SchemaExpansion"/> for what is taken.</summary>
public sealed class RequestSchema
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, EvaluateAs = SpecVersion.Draft202012, ProcessCustomKeywords = true };

    private readonly JsonSchema _schema;

    static RequestSchema()
    {
        SchemaKeywordRegistry.Register<LinearPatternKeyword>(KeywordContext.Default);
        SchemaKeywordRegistry.Register<FewUniqueItemsKeyword>(KeywordContext.Default);
    }

    private RequestSchema(JsonSchema schema, JsonNode expanded)
    {
        _schema = schema;
        Types = TypesOf(expanded);
        ItemTypes = expanded is JsonObject whole ? TypesOf(whole["items"]) : [];
    }

    /// <summary>What the library runs.</summary>
    internal object Run => _schema;

    /// <summary>What <c>type</c> says; empty: nothing.</summary>
    public ImmutableArray<string> Types { get; }

    /// <summary>Whether a list is asked for.</summary>
    public bool IsList => Types.Contains("array", StringComparer.Ordinal);

    /// <summary>What <c>items.type</c> says; empty: nothing.</summary>
    public ImmutableArray<string> ItemTypes { get; }

    /// <summary>Reads one; null where it is not taken.</summary>
    /// <param name="json">An object, true or false.</param>
    /// <param name="wrong">Why it is not taken.</param>
    internal static RequestSchema? Parse(JsonElement json, out string wrong)
    {
        try
        {
            var expanded = new SchemaExpansion(json).Expand();
            wrong = "";
            return new RequestSchema(JsonSchema.FromText(expanded.ToJsonString()), expanded);
        }
        catch (FormatException failure)
        {
            wrong = failure.Message;
            return null;
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException or InvalidOperationException)
        {
            wrong = $"is not a JSON schema: {failure.Message}";
            return null;
        }
    }

    /// <summary>What is wrong with a value, the innermost of it; null: nothing.</summary>
    public SchemaFault? Check(JsonNode? value)
    {
        var result = _schema.Evaluate(value, Options);
        if (result.IsValid)
        {
            return null;
        }

        var first = result.Details.Where(d => d.Errors is { Count: > 0 }).OrderByDescending(d => d.InstanceLocation.ToString().Length).FirstOrDefault();
        return new SchemaFault(first?.InstanceLocation.ToString() ?? "", first?.Errors?.Values.FirstOrDefault()?.Trim() ?? "Value does not follow the schema");
    }

    private static ImmutableArray<string> TypesOf(JsonNode? schema) => (schema as JsonObject)?["type"] switch
    {
        JsonArray several => [.. several.Select(t => t?.GetValueKind() is JsonValueKind.String ? t.GetValue<string>() : "")],
        JsonValue one when one.GetValueKind() is JsonValueKind.String => [one.GetValue<string>()],
        _ => [],
    };
}

/// <summary>Why a value does not follow its schema.</summary>
/// <param name="Place">A JSON pointer (RFC 6901); empty: the value itself.</param>
/// <param name="Message">What should be.</param>
public readonly record struct SchemaFault(string Place, string Message);
