using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Sluice.Revisions.Schemas;

namespace Sluice.Cli.OpenApi;

/// <summary>
/// Makes of the schemas of an OpenAPI description those that a route's <c>validate</c> takes: what is referred to stands in <c>$defs</c> beside, what checks nothing is left out, and so is what a route
/// does not take, which is noted.
/// </summary>
/// <param name="document">The description.</param>
/// <param name="note">Takes what is left out.</param>
internal sealed class SchemaImport(OpenApiDocument document, Action<string> note)
{
    private const string Reference = "#/components/schemas/";
    private readonly Dictionary<string, JsonNode> _named = new(StringComparer.Ordinal);
    private readonly Stack<string> _within = new();

    /// <summary>The schema; null: it checks nothing.</summary>
    /// <param name="schema">As the description has it.</param>
    /// <param name="where">What it is of, for notes.</param>
    public JsonNode? Import(IOpenApiSchema? schema, string where)
    {
        if (schema is null || Read(schema, where) is not { } read)
        {
            return null;
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        var imported = Import(read, where, used);
        if (imported is not JsonObject { Count: > 0 } whole)
        {
            return imported is JsonValue value && value.GetValueKind() is JsonValueKind.False ? imported : null;
        }

        var definitions = new JsonObject();
        for (var open = new Queue<string>(used); open.TryDequeue(out var name);)
        {
            definitions[name] = _named[name].DeepClone();
            foreach (var more in ReferencesOf(_named[name]).Where(used.Add))
            {
                open.Enqueue(more);
            }
        }

        if (definitions.Count > 0)
        {
            whole["$defs"] = definitions;
        }

        return whole;
    }

    private JsonNode? Read(IOpenApiSchema schema, string where)
    {
        using var text = new StringWriter();
        schema.SerializeAsV31(new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true }));
        try
        {
            return JsonNode.Parse(text.ToString());
        }
        catch (JsonException failure)
        {
            note($"{where}: its schema has a value that JSON has not ({failure.Message}); it is not checked");
            return null;
        }
    }

    private static IEnumerable<string> ReferencesOf(JsonNode? node) => node switch
    {
        JsonObject whole => whole.SelectMany(p => p is { Key: "$ref", Value: JsonValue value } ? [value.GetValue<string>()["#/$defs/".Length..]] : ReferencesOf(p.Value)),
        JsonArray list => list.SelectMany(ReferencesOf),
        _ => [],
    };

    private JsonNode Import(JsonNode schema, string where, HashSet<string> used)
    {
        if (schema is not JsonObject whole)
        {
            return schema.DeepClone();
        }

        var imported = new JsonObject();
        foreach (var (name, value) in whole)
        {
            if (name is "$ref" && value is JsonValue)
            {
                if (!Follow(value.GetValue<string>(), imported, where, used))
                {
                    return JsonValue.Create(true);
                }
            }
            else if (name is "pattern" && SchemaKeywords.FindWrong(value!.GetValue<string>()) is { } wrong)
            {
                note($"{where}: the pattern '{value}' {wrong}; it is left out");
            }
            else if (name is "required" && value is JsonArray required)
            {
                PutRequired(imported, required, whole["properties"] as JsonObject);
            }
            else if (SchemaKeywords.WithSchema.Contains(name) && value is not null)
            {
                imported[name] = Import(value, where, used);
            }
            else if (SchemaKeywords.WithList.Contains(name) && value is JsonArray list)
            {
                imported[name] = new JsonArray([.. list.Select(one => Import(one!, where, used))]);
            }
            else if (SchemaKeywords.WithNames.Contains(name) && value is JsonObject named)
            {
                imported[name] = new JsonObject(named.Select(one => KeyValuePair.Create<string, JsonNode?>(one.Key, Import(one.Value!, $"{where}.{one.Key}", used))));
            }
            else if (SchemaKeywords.WithValue.Contains(name))
            {
                imported[name] = value?.DeepClone();
            }
            else if (!SchemaKeywords.Remarks.Contains(name) && !name.StartsWith("x-", StringComparison.Ordinal) && name is not ("$schema" or "$id"))
            {
                note($"{where}: '{name}' is not checked");
            }
        }

        return imported;
    }

    // False: what it names holds it, and is not checked deeper.
    private bool Follow(string reference, JsonObject to, string where, HashSet<string> used)
    {
        if (!reference.StartsWith(Reference, StringComparison.Ordinal))
        {
            note($"{where}: '{reference}' {(reference.StartsWith('#') ? "is no schema of the description's components" : "is in another file")}; what it names is not checked");
            return false;
        }

        var name = reference[Reference.Length..];
        if (_within.Contains(name, StringComparer.Ordinal))
        {
            note($"{where}: '{name}' holds itself; it is not checked below this");
            return false;
        }

        if (!_named.ContainsKey(name))
        {
            if (document.Components?.Schemas?.TryGetValue(name, out var found) is not true)
            {
                note($"{where}: there is no schema '{name}'; what it names is not checked");
                return false;
            }

            if (Read(found, name) is not { } read)
            {
                return false;
            }

            _within.Push(name);
            _named[name] = Import(read, name, new HashSet<string>(StringComparer.Ordinal));
            _within.Pop();
        }

        used.Add(name);
        to["$ref"] = $"#/$defs/{name}";
        return true;
    }

    // What is for answers alone cannot be asked of requests.
    private static void PutRequired(JsonObject to, JsonArray required, JsonObject? properties)
    {
        var asked = required.Select(name => name!.GetValue<string>()).Where(name => properties?[name] is not JsonObject { } property || property["readOnly"]?.GetValueKind() is not JsonValueKind.True).ToArray();
        if (asked.Length > 0)
        {
            to["required"] = new JsonArray([.. asked.Select(name => JsonValue.Create(name))]);
        }
    }
}
