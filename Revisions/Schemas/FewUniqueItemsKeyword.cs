using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Json.More;
using Json.Schema;

namespace Sluice.Revisions.Schemas;

/// <summary>What <c>uniqueItems</c> becomes in an expanded schema: each item is compared with each, so that there may not be many.</summary>
[SchemaKeyword(Name)]
[SchemaSpecVersion(SpecVersion.Draft202012)]
[JsonConverter(typeof(Converter))]
internal sealed class FewUniqueItemsKeyword(bool isAsked) : IJsonSchemaKeyword
{
    /// <summary>The keyword.</summary>
    public const string Name = "sluice-uniqueItems";

    private const int Most = 1_000;

    public KeywordConstraint GetConstraint(SchemaConstraint schemaConstraint, ReadOnlySpan<KeywordConstraint> localConstraints, EvaluationContext context) => new("uniqueItems", (evaluation, _) =>
    {
        if (!isAsked || evaluation.LocalInstance is not JsonArray items)
        {
            return;
        }

        if (items.Count > Most)
        {
            evaluation.Results.Fail("uniqueItems", $"Value should have at most {Most} items, of which none is there twice");
        }
        else if (HasTwice(items) is { } twice)
        {
            evaluation.Results.Fail("uniqueItems", $"Value should have no item twice; item {twice} was there before");
        }
    });

    private static int? HasTwice(JsonArray items)
    {
        for (var i = 1; i < items.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (JsonNode.DeepEquals(items[i], items[j]))
                {
                    return i;
                }
            }
        }

        return null;
    }

    /// <summary>Reads it.</summary>
    internal sealed class Converter : WeaklyTypedJsonConverter<FewUniqueItemsKeyword>
    {
        public override FewUniqueItemsKeyword Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetBoolean());

        public override void Write(Utf8JsonWriter writer, FewUniqueItemsKeyword value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
