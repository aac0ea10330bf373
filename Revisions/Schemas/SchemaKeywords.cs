using System.Collections.Frozen;

namespace Sluice.Revisions.Schemas;

/// <summary>The keywords of JSON Schema (2020-12) that are taken, by what stands below them.</summary>
public static class SchemaKeywords
{
    /// <summary>A schema.</summary>
    public static FrozenSet<string> WithSchema { get; } = Of("not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames");

    /// <summary>A list of schemas.</summary>
    public static FrozenSet<string> WithList { get; } = Of("allOf", "anyOf", "oneOf", "prefixItems");

    /// <summary>Schemas by names that are the author's.</summary>
    public static FrozenSet<string> WithNames { get; } = Of("properties", "dependentSchemas");

    /// <summary>A value that says what is checked.</summary>
    public static FrozenSet<string> WithValue { get; } = Of(
        "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "maxItems", "minItems", "maxContains", "minContains",
        "maxProperties", "minProperties", "required", "dependentRequired", "uniqueItems", "pattern");

    /// <summary>A remark for people and programs, which checks nothing.</summary>
    public static FrozenSet<string> Remarks { get; } = Of(
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "format", "contentMediaType", "contentEncoding", "discriminator", "xml", "externalDocs");

    /// <summary>Those that check something.</summary>
    public static IEnumerable<string> Checking => WithSchema.Concat(WithList).Concat(WithNames).Concat(WithValue).Append("$ref");

    /// <summary>Why a pattern is not taken; null: it is.</summary>
    public static string? FindWrong(string pattern)
    {
        try
        {
            LinearPatternKeyword.Compile(pattern);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"is not a regular expression: {e.Message}";
        }
        catch (NotSupportedException)
        {
            return "looks around or back, or is too large, which would take time without bound";
        }
    }

    private static FrozenSet<string> Of(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
