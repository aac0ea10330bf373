using System.Text;
using CsCheck;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

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
        var answer = Encoding.UTF8.GetBytes($$$"""{"id":"x","choices":[{"message":{"content":"Hi"}}],"usage":{{{usage}}} }""");
        Assert.Equal(new TokenCounts { Input = input, CachedRead = cached, Output = output, Reasoning = reasoning }, AnswerFacts.Read(answer).Usage);
        Assert.Equal(new TokenCounts { Input = input, CachedRead = cached, Output = output, Reasoning = reasoning }, AnswerFacts.ReadWhole(answer).Usage);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":3,"image_tokens":1,"audio_tokens":4},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":2}}""", 9, 2, 3, 1, 4, 4, 1, 2)]
    [InlineData("""{"input_tokens":9,"output_tokens":4,"total_tokens":13,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":3},"output_tokens_details":{"reasoning_tokens":1}}""", 9, 2, 3, 0, 0, 4, 1, 0)]
    [InlineData("""{"input_tokens":9,"output_tokens":4,"cache_read_input_tokens":20,"cache_creation_input_tokens":30}""", 59, 20, 30, 0, 0, 4, 0, 0)]
    [InlineData("""{"prompt_tokens":59,"completion_tokens":4,"cache_read_input_tokens":20,"cache_creation_input_tokens":30}""", 59, 20, 30, 0, 0, 4, 0, 0)]
    [InlineData("""{"prompt_tokens":59,"completion_tokens":4,"prompt_tokens_details":{"cache_read_input_tokens":20,"cache_creation_input_tokens":30}}""", 59, 20, 30, 0, 0, 4, 0, 0)]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":null,"image_tokens":"no","audio_tokens":99},"completion_tokens_details":{"reasoning_tokens":99,"audio_tokens":99}}""", 9, 0, 0, 0, 9, 4, 4, 4)]
    public void Parts_are_read_by_kind_and_are_never_more_than_their_whole(
        string usage, long input, long cached, long written, long image, long audio, long output, long reasoning, long spoken)
    {
        var answer = Encoding.UTF8.GetBytes($$$"""{"usage":{{{usage}}} }""");
        Assert.Equal(new TokenCounts(input, cached, written, image, audio, output, reasoning, spoken), AnswerFacts.ReadWhole(answer).Usage);
    }

    [Theory]
    [InlineData("\"flex\"", true)]
    [InlineData("\"batch\"", true)]
    [InlineData("\"default\"", false)]
    [InlineData("null", false)]
    [InlineData("{\"flex\":1}", false)]
    public void The_batch_rate_is_told_by_the_service_tier(string tier, bool isBatch)
    {
        var answer = Encoding.UTF8.GetBytes($$$"""{"service_tier":{{{tier}}},"usage":{"prompt_tokens":1}}""");
        Assert.Equal((isBatch, isBatch), (AnswerFacts.Read(answer).IsBatch, AnswerFacts.ReadWhole(answer).IsBatch));
        Assert.Equal(1, AnswerFacts.Read(answer).Usage?.Input);
    }

    [Fact]
    public void A_usage_of_zero_is_told_and_an_absent_one_is_not()
    {
        Assert.Equal(default(TokenCounts), AnswerFacts.ReadWhole("""{"usage":{"prompt_tokens":0,"completion_tokens":0}}"""u8).Usage);
        Assert.Null(AnswerFacts.ReadWhole("""{"usage":{"prompt_tokens_details":{"cached_tokens":0}}}"""u8).Usage);
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
    public void What_tells_no_usage_reads_as_none(string answer)
    {
        Assert.Null(AnswerFacts.Read(Encoding.UTF8.GetBytes(answer)).Usage);
        Assert.Null(AnswerFacts.ReadWhole(Encoding.UTF8.GetBytes(answer)).Usage);
    }

    [Fact]
    public void A_whole_answer_reads_the_same_by_its_brackets_as_token_by_token() =>
        Gen.Select(AnyJson.Value, AnyJson.Value, Gen.Int[0, 3]).Sample((value, more, place) =>
        {
            string[] fields = [$$"""  "choices" : {{value}}""", $$"""  "\"{" :{{more}} """, """  "model":"a\\\"}" """];
            var usage = """  "usage" : {"prompt_tokens" : 3,"completion_tokens":4}""";
            var answer = Encoding.UTF8.GetBytes($"{{{string.Join(',', [.. fields[..place], usage, .. fields[place..]])}}}");
            var fast = new JsonFields(answer);
            while (fast.Next())
            {
            }

            Assert.True(fast.IsWhole);
            Assert.Equal(new TokenCounts { Input = 3, Output = 4 }, AnswerFacts.ReadWhole(answer).Usage);
            Assert.Equal(new TokenCounts { Input = 3, Output = 4 }, AnswerFacts.Read(answer).Usage);
        });

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
            _ = AnswerFacts.ReadWhole(answer.AsSpan(0, at % answer.Length));
            answer[at % answer.Length] = changed;
            _ = AnswerFacts.Read(answer);
            _ = AnswerFacts.ReadWhole(answer);
        });
}
