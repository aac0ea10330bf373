using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>What is written as YAML is read back as the same resources.</summary>
public sealed class BundleWriterTests
{
    private static readonly string[] Odd =
    [
        "", " ", "~", "null", "true", "True", "no", "on", "0", "-1", "007", "0o17", "1e3", "1.50", ".5", "0x1f", "a: b", "a #b", "#c", "*e", "&e", "!tag", "- x", "? x", "|", ">",
        "%d", "@x", "`x", "'", "\"", "{", "[x]", "a,b", "---", "...", " lead", "trail ", "two\nlines", "tail\n", "tab\there", "\r\n", "\\n", "ünï", "日本", "🙂", "\u0001", "\u0085", "\u2028", "<<", "=",
    ];

    private static readonly Gen<string> Text = Gen.OneOf(Gen.Int[0, Odd.Length - 1].Select(i => Odd[i]), Gen.String[Gen.Char[' ', '~'], 0, 20], Gen.String[Gen.Char['\u00a0', '\ud7ff'], 0, 5]);

    private static readonly Gen<JsonNode?> Value = Gen.Recursive<JsonNode?>((depth, next) => depth >= 3 ? Scalar() : Gen.Frequency(
        (3, Scalar()),
        (1, next.Array[0, 4].Select(items => (JsonNode?)new JsonArray(items.Select(i => i?.DeepClone()).ToArray()))),
        (1, Gen.Select(Text, next).Array[0, 4].Select(fields => (JsonNode?)Map(fields)))));

    [Fact]
    public void Every_resource_is_read_back_as_it_was() => Gen.Select(Text, Value).Array[1, 5].Array[1, 3].Sample(resources =>
    {
        var written = resources.Select(fields => JsonSerializer.SerializeToElement(Map(fields))).ToArray();
        using var yaml = new StringWriter();
        BundleWriter.WriteYaml(yaml, written);

        var read = Bundle.Parse(yaml.ToString());

        Assert.True(read.Errors.IsEmpty, $"{string.Join("; ", read.Errors)}\n{yaml}");
        Assert.Equal(written.Length, read.Resources.Length);
        foreach (var (before, after) in written.Zip(read.Resources))
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(before.GetRawText()), JsonNode.Parse(Encoding.UTF8.GetString(after))), $"{before}\n{yaml}\n{Encoding.UTF8.GetString(after)}");
        }
    });

    [Fact]
    public void Kind_and_name_stand_first_and_short_things_on_one_line()
    {
        using var yaml = new StringWriter();
        BundleWriter.WriteYaml(yaml, [JsonSerializer.Deserialize<JsonElement>("""{"b":[1,"2"],"kind":"K","list":[{"x":"no"}],"name":"x-1"}""")]);

        Assert.Equal("kind: K\nname: x-1\nb: [1, \"2\"]\nlist:\n  - {x: \"no\"}\n", yaml.ToString());
    }

    private static Gen<JsonNode?> Scalar() => Gen.OneOf(
        Text.Select(t => (JsonNode?)JsonValue.Create(t)),
        Gen.Long.Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b)),
        Gen.Const((JsonNode?)null));

    private static JsonObject Map(IEnumerable<(string Name, JsonNode? Value)> fields) =>
        new(fields.DistinctBy(f => f.Name, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Name, f.Value?.DeepClone())));
}
