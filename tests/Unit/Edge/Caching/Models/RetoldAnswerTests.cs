using System.Text;
using System.Text.Json;
using Sluice.Edge.Caching.Models;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Caching.Models;

/// <summary>A kept answer in the other form than it came in: told as events, and gathered from events.</summary>
public sealed class RetoldAnswerTests
{
    public static TheoryData<string> Dialects => ["openai", "anthropic", "responses", "gemini"];

    [Theory]
    [MemberData(nameof(Dialects))]
    public void What_is_told_as_events_is_gathered_as_the_same_answer(string name)
    {
        var dialect = Of(name);
        var answer = Said();

        var gathered = Gather(dialect, Tell(dialect, answer));

        Assert.False(gathered.IsLossy);
        var (told, back) = (answer.Candidates[0], Assert.Single(gathered.Answer.Candidates));
        Assert.Equal(StopReason.Tools, back.Stop);
        Assert.Equal(TextOf(told), TextOf(back));
        Assert.Equal(
            [("look", """{"q":"x"}"""), ("look", """{"q":"ä"}""")],
            back.Parts.OfType<ToolCallPart>().Select(call => (call.Name.ForPerson(), JsonText.InputObject(call.Input).ToString())));
        Assert.Equal((12, 7), (gathered.Answer.Usage!.Value.Input, gathered.Answer.Usage.Value.Output));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void What_was_gathered_can_be_told_whole(string name)
    {
        var dialect = Of(name);
        var gathered = Gather(dialect, Tell(dialect, Said()));

        using var whole = new PooledBytes(1024);
        using (var writer = new Utf8JsonWriter(whole, JsonText.Options))
        {
            dialect.WriteAnswer(gathered.Answer, new Asked(IncludeUsage: true, 1), writer, new Losses());
        }

        var again = dialect.ReadAnswer(Json.OfBody(whole.Memory), new Losses());
        Assert.Equal(TextOf(Said().Candidates[0]), TextOf(again.Candidates[0]));
        Assert.Equal(2, again.Candidates[0].Parts.OfType<ToolCallPart>().Count());
    }

    [Fact]
    public void Several_answers_and_reasoning_with_its_proof_stay_apart()
    {
        var answer = new Answer();
        var first = new Candidate { Index = 0, Stop = StopReason.End };
        first.Parts.AddRange([new ReasoningPart { Text = Json.Of("Hm"), Signature = Json.Of("proof") }, new TextPart { Text = Json.Of("one") }]);
        var second = new Candidate { Index = 1, Stop = StopReason.Length };
        second.Parts.Add(new TextPart { Text = Json.Of("two") });
        answer.Candidates.AddRange([first, second]);
        var told = new ToldAnswer();
        using var nothing = new PooledBytes(256);
        AnswerEvents.Write(answer, told, nothing);
        told.End();

        Assert.Equal([StopReason.End, StopReason.Length], told.Answer.Candidates.Select(candidate => candidate.Stop));
        Assert.Equal(["one", "two"], told.Answer.Candidates.Select(TextOf));
        var thought = Assert.IsType<ReasoningPart>(told.Answer.Candidates[0].Parts[0]);
        Assert.Equal(("Hm", "proof"), (thought.Text.ForPerson(), thought.Signature.ForPerson()));
    }

    [Fact]
    public void What_has_no_place_in_the_other_form_is_not_told()
    {
        var answer = Said();
        answer.Candidates[0].Parts.Add(new ForeignPart());
        Assert.False(AnswerEvents.CanTell(answer));

        var told = new ToldAnswer();
        using var nothing = new PooledBytes(256);
        told.Write(new StreamEvent(StreamEventKind.LogProbabilities) { Text = JsonText.EmptyObject }, nothing);
        Assert.True(told.IsLossy);
    }

    private static Answer Said()
    {
        var answer = new Answer { Id = Json.Of("a1"), Model = Json.Of("m"), Created = Json.Of(5), Usage = new TokenCounts { Input = 12, Output = 7 } };
        var candidate = new Candidate { Stop = StopReason.Tools };
        candidate.Parts.AddRange(
        [
            new TextPart { Text = Json.Of("Let me \"look\" – ") },
            new TextPart { Text = Json.Of("once.\n") },
            new ToolCallPart { Id = Json.Of("c1"), Name = Json.Of("look"), Input = new Json(Encoding.UTF8.GetBytes("""{"q":"x"}"""), -1) },
            new ToolCallPart { Id = Json.Of("c2"), Name = Json.Of("look"), Input = Json.Of("""{"q":"ä"}""") },
        ]);
        answer.Candidates.Add(candidate);
        return answer;
    }

    private static byte[] Tell(Dialect dialect, Answer answer)
    {
        using var to = new PooledBytes(1024);
        AnswerEvents.Write(answer, dialect.WriteStream(new Asked(IncludeUsage: true, 1), new Losses()), to);
        return to.Span.ToArray();
    }

    private static ToldAnswer Gather(Dialect dialect, byte[] events)
    {
        var told = new ToldAnswer();
        using var translation = new StreamTranslation(dialect.ReadStream(new Losses()), told);
        using var tap = new StreamTap(hideUsage: false, bound: null, dialect, translation);
        using var nothing = new PooledBytes(256);
        tap.Pass(events, nothing);
        tap.End(nothing);
        Assert.True(translation.IsWhole);
        translation.End(nothing);
        told.End();
        return told;
    }

    private static string TextOf(Candidate candidate) => string.Concat(candidate.Parts.OfType<TextPart>().Select(part => part.Text.ForPerson()));

    private static Dialect Of(string name) => name switch
    {
        "anthropic" => DialectTable.Anthropic,
        "responses" => DialectTable.Responses,
        "gemini" => DialectTable.Gemini,
        _ => DialectTable.OpenAI,
    };
}
