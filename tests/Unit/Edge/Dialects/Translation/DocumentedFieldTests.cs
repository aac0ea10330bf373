using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Each row of the tables of docs/dialects.md is true: its example is carried, refused or lost as it says.</summary>
public sealed class DocumentedFieldTests
{
    public static TheoryData<string, string, string, string> Rows { get; } = new(ReadRows());

    [Fact]
    public void All_tables_are_read() => Assert.Equal(
        [("anthropic gemini", true), ("anthropic openai", true), ("gemini anthropic", true), ("gemini openai", true), ("openai anthropic", true), ("openai bedrock", true), ("openai cohere", true), ("openai gemini", true), ("openai ollama", true), ("openai responses", true), ("responses anthropic", true), ("responses openai", true)],
        Rows.GroupBy(r => r.Data.Item1, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count() > 8)));

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_field_is_carried_refused_or_lost_as_the_page_says(string from, string field, string example, string what)
    {
        var (client, provider) = (Named(from.Split(' ')[0]), Named(from.Split(' ')[1]));
        var body = JsonNode.Parse(client == DialectTable.Responses ? """{"model":"m","input":"Hello"}"""
            : client == DialectTable.Gemini ? """{"contents":[{"parts":[{"text":"Hello"}]}]}"""
            : """{"model":"m","messages":[{"role":"user","content":"Hello"}]}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{example}}}")!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        var text = body.ToJsonString();
        if (what is "refused")
        {
            var fault = Assert.Throws<DialectFaultException>(() => Translating.Request(client, provider, text));
            Assert.Equal(field, fault.FieldIn(Json.OfBody(Encoding.UTF8.GetBytes(text))));
            return;
        }

        var (sent, lost) = Translating.Request(client, provider, text);
        Assert.NotNull(JsonNode.Parse(sent));
        if (what is "carried")
        {
            Assert.Empty(lost);
        }
        else
        {
            Assert.StartsWith($"{field}: ", lost, StringComparison.Ordinal);
        }
    }

    private static Dialect Named(string name) => Translating.AnswerWays.First(way => string.Equals(way.From.Name, name, StringComparison.Ordinal)).From;

    private static IEnumerable<TheoryDataRow<string, string, string, string>> ReadRows()
    {
        var from = "";
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "dialects.md")))
        {
            from = line.StartsWith("### Requests: ", StringComparison.Ordinal) ? string.Join(' ', line["### Requests: ".Length..].Split(" to "))
                : line.StartsWith('#') ? "" : from;
            if (from.Length > 0 && line.StartsWith("| `", StringComparison.Ordinal))
            {
                var cells = line.Split('|', StringSplitOptions.TrimEntries);
                yield return new TheoryDataRow<string, string, string, string>(from, cells[1].Split('`')[1], cells[2].Trim('`'), cells[3]);
            }
        }
    }
}
