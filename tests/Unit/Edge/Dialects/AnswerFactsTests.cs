using System.Text;
using CsCheck;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>The usage in answers of every provider's shape; an answer that cannot be read tells nothing, and harms nothing.</summary>
public sealed class AnswerFactsTests
{
    [Theory]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}""", 9, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":3}}""", 9, 8, 4, 3)]
    [InlineData("""{"prompt_tokens":9,"prompt_cache_hit_tokens":8,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens":4}""", 9, 8, 4, 0)]
    [InlineData("""{"prompt_tokens":9,"num_cached_tokens":5,"completion_tokens":4}""", 9, 5, 4, 0)]
    [InlineData("""{"prompt_tokens":9,"cached_tokens":5,"completion_tokens":4,"reasoning_tokens":2}""", 9, 5, 4, 2)]
    [InlineData("""{"prompt_tokens":9,"cached_tokens":50,"completion_tokens":4}""", 9, 9, 4, 0)]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":4,"total_tokens":20,"completion_tokens_details":{"reasoning_tokens":7}}""", 9, 0, 11, 7)]
    [InlineData("""{"total_tokens":6}""", 6, 0, 0, 0)]
    [InlineData("""{"prompt_tokens":6,"total_tokens":6}""", 6, 0, 0, 0)]
    [InlineData("""{"completion_tokens":4,"total_tokens":13}""", 9, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":9.0,"completion_tokens":4e0}""", 9, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":null,"completion_tokens":4}""", 0, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":"many","completion_tokens":4,"completion_tokens_details":[1]}""", 0, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":4}""", 0, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":99999999999999999999999999999999999999999,"completion_tokens":4}""", 0, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":1e400,"completion_tokens":4}""", 0, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":1,"prompt_tokens":9,"completion_tokens":4}""", 9, 0, 4, 0)]
    [InlineData("""{"prompt\u005ftokens":9,"\ud800":1,"completion_tokens":4}""", 9, 0, 4, 0)]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}""", 0, 0, 0, 0)]
    public void Usage_is_read_as_each_provider_tells_it(string usage, long input, long cached, long output, long reasoning)
    {
        var read = AnswerFacts.Read(Encoding.UTF8.GetBytes($$$"""{"id":"x","choices":[{"message":{"content":"Hi"}}],"usage":{{{usage}}} }""")).Usage;
        Assert.Equal(new TokenUsage(input, cached, output, reasoning), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("""{"usage":7}""")]
    [InlineData("""{"usage":[{"prompt_tokens":1}]}""")]
    [InlineData("""{"usage":{"prompt_tokens": """)]
    [InlineData("""{"choices":{"usage":{"prompt_tokens":1}}}""")]
    [InlineData("""{"\ud800":{"usage":{"prompt_tokens":1}}}""")]
    [InlineData("""{"message":{"usage":{"prompt_tokens":1}}}""")]
    public void What_tells_no_usage_reads_as_none(string answer) => Assert.Null(AnswerFacts.Read(Encoding.UTF8.GetBytes(answer)).Usage);

    [Fact]
    public void Text_counts_its_bytes_in_every_choice_but_not_a_second_time_in_log_probabilities()
    {
        const string Answer = """{"choices":[{"message":{"content":"12345","tool_calls":[{"function":{"arguments":"678"}}]},"logprobs":{"content":[{"token":"12345"}]},"finish_reason":"stop"},{"message":{"content":"90"}}]}""";
        Assert.Equal(10, AnswerFacts.Read(Encoding.UTF8.GetBytes(Answer)).TextBytes);
    }

    [Fact]
    public void Deep_nesting_does_not_hide_the_usage()
    {
        var deep = new string('[', 500) + new string(']', 500);
        Assert.NotNull(AnswerFacts.Read(Encoding.UTF8.GetBytes($$$"""{"choices":[{"message":{"content":{{{deep}}} }}],"usage":{"prompt_tokens":1}}""")).Usage);
    }

    [Fact]
    public void An_answer_cut_at_any_byte_or_with_any_byte_changed_never_throws() =>
        Gen.Select(AnyJson.Value, Gen.Int[0, 4000], Gen.Byte).Sample((value, at, changed) =>
        {
            var answer = Encoding.UTF8.GetBytes($$"""{"choices":{{value}},"usage":{"prompt_tokens":1,"completion_tokens_details":{{value}} },"x_groq":{{value}},"more":{{value}} }""");
            _ = AnswerFacts.Read(answer.AsSpan(0, at % answer.Length));
            answer[at % answer.Length] = changed;
            _ = AnswerFacts.Read(answer);
        });
}
