using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Revisions.Schemas;

/// <summary>
/// Makes of a declared JSON schema (2020-12) one that is safe to run on what strangers send: references are put in place, which must lead to no circle, patterns are run in time that grows with the text
/// alone, and all together is bounded. So the time of a check grows with the value and the schema, whatever either is.
/// </summary>
internal sealed class SchemaExpansion(JsonElement root)
{
    private const int MostSchemas = 10_000;
    private const int Deepest = 64;
    private const string Definitions = "#/$defs/";

    private readonly Stack<string> _within = new();
    private int _schemas;

    /// <summary>The schema, expanded.</summary>
    /// <exception cref="FormatException">It is not taken; says where and why.</exception>
    public JsonNode Expand() => Expand(root, "", 0);

    private JsonNode Expand(JsonElement schema, string at, int depth)
    {
        if (++_schemas > MostSchemas)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"comes to more than {MostSchemas} schemas once its references are put in place"));
        }

        if (depth > Deepest)
        {
            throw Wrong(at, string.Create(CultureInfo.InvariantCulture, $"is nested deeper than {Deepest}"));
        }

        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return JsonValue.Create(schema.GetBoolean());
        }

        if (schema.ValueKind is not JsonValueKind.Object)
        {
            throw Wrong(at, "must be an object, true or false");
        }

        var expanded = new JsonObject();
        foreach (var property in schema.EnumerateObject())
        {
            var here = $"{at}/{property.Name}";
            switch (property.Name)
            {
                case "$ref":
                    Put(expanded, Follow(property.Value, here, depth), isAlone: schema.EnumerateObject().Count() == 1);
                    break;
                case "pattern":
                    expanded[LinearPatternKeyword.Name] = PatternOf(property.Value, here);
                    break;
                case "uniqueItems":
                    expanded[FewUniqueItemsKeyword.Name] = property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? property.Value.GetBoolean() : throw Wrong(here, "must be true or false");
                    break;
                case "$defs" when depth == 0:
                    break;
                case var name when SchemaKeywords.WithSchema.Contains(name):
                    expanded[name] = Expand(property.Value, here, depth + 1);
                    break;
                case var name when SchemaKeywords.WithList.Contains(name):
                    var list = property.Value.ValueKind is JsonValueKind.Array ? property.Value : throw Wrong(here, "must be a list of schemas");
                    expanded[name] = Joined(expanded[name], [.. list.EnumerateArray().Select((one, i) => Expand(one, string.Create(CultureInfo.InvariantCulture, $"{here}/{i}"), depth + 1))]);
                    break;
                case var name when SchemaKeywords.WithNames.Contains(name):
                    var named = property.Value.ValueKind is JsonValueKind.Object ? property.Value : throw Wrong(here, "must be an object of schemas");
                    expanded[name] = new JsonObject(named.EnumerateObject().Select(one => KeyValuePair.Create<string, JsonNode?>(one.Name, Expand(one.Value, $"{here}/{one.Name}", depth + 1))));
                    break;
                case var name when SchemaKeywords.WithValue.Contains(name):
                    expanded[name] = JsonNode.Parse(property.Value.GetRawText());
                    break;
                case var name when !SchemaKeywords.Remarks.Contains(name) && !name.StartsWith("x-", StringComparison.Ordinal):
                    throw Wrong(here, $"is a keyword that is not taken here{Names.Suggest(name, SchemaKeywords.Checking)}");
                default:
                    break;
            }
        }

        return expanded;
    }

    private JsonNode Follow(JsonElement reference, string at, int depth)
    {
        if (reference.ValueKind is not JsonValueKind.String || reference.GetString() is not { } target || !target.StartsWith(Definitions, StringComparison.Ordinal))
        {
            throw Wrong(at, $"must be a text such as {Definitions}address: a schema of the $defs beside it");
        }

        var name = target[Definitions.Length..].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        if (root.ValueKind is not JsonValueKind.Object || !root.TryGetProperty("$defs", out var all) || all.ValueKind is not JsonValueKind.Object || !all.TryGetProperty(name, out var found))
        {
            throw Wrong(at, $"names '{name}', which is not in $defs");
        }

        if (_within.Contains(name, StringComparer.Ordinal))
        {
            throw Wrong(at, $"leads back to '{name}'; a schema that holds itself is not taken");
        }

        _within.Push(name);
        var expanded = Expand(found, $"/$defs/{name}", depth + 1);
        _within.Pop();
        return expanded;
    }

    // A reference holds beside what stands next to it.
    private static void Put(JsonObject to, JsonNode referred, bool isAlone)
    {
        if (isAlone && referred is JsonObject whole)
        {
            foreach (var (name, value) in whole)
            {
                to[name] = value?.DeepClone();
            }
        }
        else
        {
            to["allOf"] = Joined(to["allOf"], [referred]);
        }
    }

    private static JsonArray Joined(JsonNode? before, JsonNode[] more)
    {
        var all = new JsonArray();
        foreach (var one in (before as JsonArray ?? []).Concat(more))
        {
            all.Add(one?.DeepClone());
        }

        return all;
    }

    private static string PatternOf(JsonElement value, string at)
    {
        var pattern = value.ValueKind is JsonValueKind.String ? value.GetString()! : throw Wrong(at, "must be a text");
        return SchemaKeywords.FindWrong(pattern) is { } wrong ? throw Wrong(at, wrong) : pattern;
    }

    private static FormatException Wrong(string at, string message) => new($"{(at.Length == 0 ? "" : $"{at} ")}{message}");
}
