using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Json.More;
using Json.Schema;

namespace Sluice.Revisions.Schemas;

/// <summary>What <c>pattern</c> becomes in an expanded schema: the same, in time that grows with the text alone.</summary>
[SchemaKeyword(Name)]
[SchemaSpecVersion(SpecVersion.Draft202012)]
[JsonConverter(typeof(Converter))]
internal sealed class LinearPatternKeyword(string pattern) : IJsonSchemaKeyword
{
    /// <summary>The keyword.</summary>
    public const string Name = "sluice-pattern";

    private readonly Regex _pattern = Compile(pattern);

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="RegexParseException">It is none.</exception>
    /// <exception cref="NotSupportedException">It looks around or back, or is too large.</exception>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public KeywordConstraint GetConstraint(SchemaConstraint schemaConstraint, ReadOnlySpan<KeywordConstraint> localConstraints, EvaluationContext context) => new("pattern", (evaluation, _) =>
    {
        if (evaluation.LocalInstance?.GetValueKind() is JsonValueKind.String && !_pattern.IsMatch(evaluation.LocalInstance.GetValue<string>()))
        {
            evaluation.Results.Fail("pattern", $"Value should match the pattern {pattern}");
        }
    });

    /// <summary>Reads it.</summary>
    internal sealed class Converter : WeaklyTypedJsonConverter<LinearPatternKeyword>
    {
        public override LinearPatternKeyword Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, LinearPatternKeyword value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
