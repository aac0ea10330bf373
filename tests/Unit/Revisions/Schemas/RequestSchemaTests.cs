using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Revisions.Prompts;
using Sluice.Revisions.Schemas;

namespace Sluice.Tests.Unit.Revisions.Schemas;

public sealed class RequestSchemaTests
{
    private const string Order = """
        {
          "type": "object", "required": ["lines"], "additionalProperties": false,
          "properties": {
            "lines": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "$ref": "#/$defs/line" } },
            "code": { "type": "string", "pattern": "^[A-Z]{2}[0-9]+$" },
            "tags": { "type": "array", "uniqueItems": true },
            "note": { "type": ["string", "null"] },
            "total": { "$ref": "#/$defs/amount", "maximum": 100 }
          },
          "$defs": {
            "line": { "type": "object", "required": ["item"], "properties": { "item": { "type": "string" }, "count": { "$ref": "#/$defs/amount" } } },
            "amount": { "type": "integer", "minimum": 1 }
          }
        }
        """;

    [Theory]
    [InlineData("""{ "lines": [{ "item": "hat", "count": 2 }], "code": "AB12", "tags": [1, 2], "note": null, "total": 3 }""", null, null)]
    [InlineData("""{ "lines": [] }""", "/lines", "at least 1 item")]
    [InlineData("""{ "lines": [{}] }""", "/lines/0", "item")]
    [InlineData("""{ "lines": [{ "item": "hat", "count": 0 }] }""", "/lines/0/count", "at least 1")]
    [InlineData("""{ "lines": [{ "item": "hat", "count": "2" }] }""", "/lines/0/count", "should be \"integer\"")]
    [InlineData("""{ "lines": [{ "item": "hat" }], "code": "ab" }""", "/code", "should match the pattern")]
    [InlineData("""{ "lines": [{ "item": "hat" }], "tags": [1, 2, 1] }""", "/tags", "item 2 was there before")]
    [InlineData("""{ "lines": [{ "item": "hat" }], "total": 101 }""", "/total", "at most 100")]
    [InlineData("""{ "lines": [{ "item": "hat" }], "total": 0 }""", "/total", "at least 1")]
    [InlineData("""{ "lines": [{ "item": "hat" }], "other": 1 }""", "/other", "All values fail")]
    [InlineData("""{ }""", "", "lines")]
    [InlineData("""[]""", "", "should be \"object\"")]
    public void A_value_is_checked_and_what_is_wrong_is_told_with_its_place(string json, string? place, string? message)
    {
        var fault = Parse(Order).Check(JsonNode.Parse(json));

        Assert.Equal(place, fault?.Place);
        Assert.Contains(message ?? "", fault?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Keywords_are_known_where_the_library_was_used_before()
    {
        using var document = JsonDocument.Parse("""{ "type": "object", "required": ["a"] }""");
        Assert.NotNull(VariableSchema.Check(VariableSchema.Parse(document.RootElement, out _), JsonDocument.Parse("{}").RootElement));

        Assert.NotNull(Parse("""{ "pattern": "^a$", "uniqueItems": true }""").Check(JsonValue.Create("b")));
    }

    [Fact]
    public void A_pattern_takes_time_that_grows_with_the_text_alone()
    {
        var schema = Parse("""{ "type": "string", "pattern": "^(a+)+$" }""");
        var begun = TimeProvider.System.GetTimestamp();

        Assert.NotNull(schema.Check(JsonValue.Create(new string('a', 100_000) + "b")));
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void References_that_multiply_are_refused_before_they_fill_the_memory()
    {
        var defs = string.Join(", ", Enumerable.Range(0, 30).Select(i => string.Create(CultureInfo.InvariantCulture, $$""" "d{{i}}": { "allOf": [{ "$ref": "#/$defs/d{{i + 1}}" }, { "$ref": "#/$defs/d{{i + 1}}" }] } """)));
        using var document = JsonDocument.Parse($$"""{ "$ref": "#/$defs/d0", "$defs": { {{defs}}, "d30": {} } }""");

        Assert.Null(RequestSchema.Parse(document.RootElement, out var wrong));
        Assert.Contains("more than 10000 schemas", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_checks_nor_schemas_that_went_away_keep_memory()
    {
        var schema = Parse(Order);
        var value = JsonNode.Parse("""{ "lines": [{ "item": "hat", "count": 0 }] }""");
        schema.Check(value);
        var gone = Enumerable.Range(0, 20).Select(_ => Gone(value)).ToList();
        for (var i = 0; i < 1_000; i++)
        {
            schema.Check(value);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.DoesNotContain(gone, one => one.IsAlive);
    }

    [Theory]
    [InlineData("""{ "type": "integer" }""", "12", "12")]
    [InlineData("""{ "type": "integer" }""", "1e", "\"1e\"")]
    [InlineData("""{ "type": "integer" }""", " 1", "\" 1\"")]
    [InlineData("""{ "type": "number" }""", "-1.5e3", "-1.5e3")]
    [InlineData("""{ "type": "boolean" }""", "true", "true")]
    [InlineData("""{ "type": "boolean" }""", "yes", "\"yes\"")]
    [InlineData("""{ "type": "string" }""", "12", "\"12\"")]
    [InlineData("""{ "enum": ["a"] }""", "12", "\"12\"")]
    [InlineData("""{ "type": "array", "items": { "type": "integer" } }""", "12", "[12]")]
    public void A_text_is_read_as_what_its_schema_asks_for(string schema, string text, string expected) =>
        Assert.Equal(expected, TypedText.Read(Parse(schema), [text])?.ToJsonString());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Gone(JsonNode? value)
    {
        var schema = Parse(Order);
        schema.Check(value);
        return new WeakReference(schema.Run);
    }

    private static RequestSchema Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var schema = RequestSchema.Parse(document.RootElement, out var wrong);
        Assert.Equal("", wrong);
        return schema!;
    }
}
