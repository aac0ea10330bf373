using System.Globalization;
using System.Text.Json;

namespace Sluice.Revisions.Settings;

/// <summary>One value with the whole key under which it stands.</summary>
/// <param name="Value">A text, a number, true or false; an empty list is the empty text.</param>
public readonly record struct FlatValue(string Key, JsonElement Value)
{
    /// <summary>The value as a text: numbers and truth values as JSON writes them.</summary>
    public string Text => Value.ValueKind is JsonValueKind.String ? Value.GetString()! : Value.GetRawText();
}

/// <summary>How whole keys are written.</summary>
public enum KeyStyle
{
    /// <summary><c>a.b[0]</c>, as Java's frameworks write them.</summary>
    Dotted,

    /// <summary><c>A__B__0</c>, as names of environment variables: what is neither letter nor digit becomes <c>_</c>.</summary>
    Environment,
}

/// <summary>Turns nested values into a list of whole keys, in the order in which they stand.</summary>
public static class FlatKeys
{
    private static readonly JsonElement EmptyText = JsonSerializer.SerializeToElement("");

    /// <summary>Every value below <paramref name="value"/>, its key beginning with <paramref name="prefix"/>.</summary>
    public static IEnumerable<FlatValue> Of(JsonElement value, KeyStyle style, string prefix = "")
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return value.EnumerateObject().SelectMany(p => Of(p.Value, style, Inside(prefix, p.Name, style)));
            case JsonValueKind.Array when value.GetArrayLength() == 0:
                return [new FlatValue(prefix, EmptyText)];
            case JsonValueKind.Array:
                return value.EnumerateArray().SelectMany((item, i) => Of(item, style, At(prefix, i, style)));
            default:
                return [new FlatValue(prefix, value)];
        }
    }

    /// <summary>The key of what stands inside another.</summary>
    internal static string Inside(string prefix, string key, KeyStyle style) => style switch
    {
        KeyStyle.Environment => $"{prefix}{(prefix.Length > 0 ? "__" : "")}{Variable(key, prefix.Length == 0)}",
        _ => prefix.Length > 0 ? $"{prefix}.{key}" : key,
    };

    private static string At(string prefix, int index, KeyStyle style) => style switch
    {
        KeyStyle.Environment => string.Create(CultureInfo.InvariantCulture, $"{prefix}__{index}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{prefix}[{index}]"),
    };

    // A name of a variable does not begin with a digit.
    private static string Variable(string key, bool first)
    {
        var name = string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        return first && char.IsAsciiDigit(name[0]) ? $"_{name}" : name;
    }
}
