using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Recorded answers of real providers, read in their dialect, written in the other, and read back: a client learns the same.</summary>
public sealed class RecordedAnswerTests
{
    [Fact]
    public void Whole_answers_tell_the_same_in_the_other_dialect()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var recorded in Recorded.All.Where(r => r.IsAnswer))
        {
            var answer = recorded.Answer();
            foreach (var (from, to) in WaysOf(recorded))
            {
                Compare(wrong, recorded, to, () => Told.Of(from.ReadAnswer(Json.OfBody(answer), new Losses())), () => Told.Of(to.ReadAnswer(Json.OfBody(Translating.Answer(from, to, answer).Body), new Losses())));
            }

            count++;
        }

        Assert.True(count >= 8, $"{count} recordings");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Streams_tell_the_same_in_the_other_dialect_however_they_are_cut()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var recorded in Recorded.All.Where(r => r is { Status: 200, Kind: not "json" }))
        {
            var stream = recorded.Answer();
            foreach (var (from, to) in WaysOf(recorded))
            {
                Compare(wrong, recorded, to, () => Told.OfStream(from, stream), () => Told.OfStream(to, Translating.Stream(from, to, stream, 1), 7));
            }

            count++;
        }

        Assert.True(count >= 8, $"{count} recordings");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_text_that_is_read_is_what_stands_in_the_recording()
    {
        var wrong = new List<string>();
        foreach (var recorded in Recorded.All.Where(r => r.IsAnswer))
        {
            var body = JsonNode.Parse(recorded.Answer())!;
            var content = recorded.Api switch
            {
                "openai.chat" => body["choices"]?.AsArray().FirstOrDefault()?["message"]?["content"],
                "openai.responses" => new JsonArray([.. body["output"]!.AsArray().Where(i => (string?)i!["type"] is "message").SelectMany(i => i!["content"]!.AsArray()).Select(p => p!.DeepClone())]),
                "bedrock.converse" => new JsonArray([.. body["output"]!["message"]!["content"]!.AsArray().Where(b => b!["text"] is not null).Select(b => new JsonObject { ["type"] = "text", ["text"] = b!["text"]!.DeepClone() })]),
                "cohere.chat" or "ollama.chat" => body["message"]!["content"],
                "gemini.generate" => new JsonArray([.. (body["candidates"]?[0]?["content"]?["parts"]?.AsArray() ?? []).Where(p => p!["text"] is not null && p["thought"] is null).Select(p => new JsonObject { ["type"] = "text", ["text"] = p!["text"]!.DeepClone() })]),
                _ => body["content"],
            };
            var expected = content is JsonArray blocks ? string.Concat(blocks.Where(b => (string?)b!["type"] is "text" or "output_text").Select(b => (string?)b!["text"])) : (string?)content ?? "";
            var told = Told.Of(Translating.Of(recorded.Api).ReadAnswer(Json.OfBody(recorded.Answer()), new Losses()));
            if (!told.Text.StartsWith(expected, StringComparison.Ordinal))
            {
                wrong.Add($"{recorded.Id}: {told.Text}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Errors_keep_their_message_in_the_other_dialect()
    {
        foreach (var recorded in Recorded.All.Where(r => r is { Status: >= 400, Kind: "json" }))
        {
            foreach (var (from, to) in WaysOf(recorded))
            {
                var read = from.ReadFailure(recorded.Status, recorded.Answer());
                Assert.NotEmpty(read.Message);
                Assert.Equal(read.Message, to.ReadFailure(recorded.Status, to.WriteFailure(read, "req_1")).Message);
            }
        }
    }

    [Fact]
    public void Recorded_requests_are_translated_or_refused_by_the_name_of_a_field()
    {
        var refused = new List<string>();
        var tried = 0;
        foreach (var recorded in Recorded.All.Where(r => r.Request is not null))
        {
            var body = Encoding.UTF8.GetString(File.ReadAllBytes(recorded.Request!));
            foreach (var (client, provider) in Translating.RequestWays.Where(way => way.From == Translating.Of(recorded.Api)))
            {
                tried++;
                try
                {
                    var (sent, _) = Translating.Request(client, provider, body);
                    Assert.NotNull(JsonNode.Parse(sent));
                }
                catch (DialectFaultException fault)
                {
                    Assert.NotNull(fault.FieldIn(Json.OfBody(Encoding.UTF8.GetBytes(body))));
                    refused.Add($"{recorded.Id} to {provider.Name}: {fault.FieldIn(Json.OfBody(Encoding.UTF8.GetBytes(body)))} {fault.Message}");
                }
            }
        }

        Assert.True(refused.Count < tried / 3, string.Join('\n', refused));
    }

    [Fact]
    public void The_recordings_beside_the_repository_are_read_where_they_are()
    {
        Assert.SkipUnless(Recorded.HasOthers, "the folder with other recordings is not beside the repository, nor named by SLUICE_RECORDINGS");
        Assert.Contains(Recorded.All, r => r.Api is "anthropic.messages");
    }

    private static IEnumerable<(Dialect From, Dialect To)> WaysOf(Recorded recorded) => Translating.AnswerWays.Where(way => way.From == Translating.Of(recorded.Api));

    private static void Compare(List<string> wrong, Recorded recorded, Dialect to, Func<Told> direct, Func<Told> translated)
    {
        try
        {
            var (expected, actual) = (direct().AsBothTell(), translated().AsBothTell());
            if (expected != actual)
            {
                wrong.Add($"{recorded.Id} in {to.Name}\n  direct     {expected}\n  translated {actual}");
            }
        }
        catch (DialectFaultException fault)
        {
            wrong.Add($"{recorded.Id} in {to.Name}: {fault.Message}");
        }
    }
}
