using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>What the gateway reads from an answer, or from one line of its stream, for what is charged: <c>prompt_eval_count</c> is left out where all of the prompt was kept from before.</summary>
internal static class OllamaFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json)
    {
        var facts = default(AnswerFacts);
        long? input = null, output = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = AnswerFacts.Deepest });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var (isInput, isOutput, isDone) = (reader.Is("prompt_eval_count"u8), reader.Is("eval_count"u8), reader.Is("done"u8));
                var isWord = reader.Is("content"u8) || reader.Is("thinking"u8) || reader.Is("arguments"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && (isInput || isOutput) && reader.TryGetInt64(out var count) && count >= 0)
                {
                    (input, output) = (isInput ? count : input, isOutput ? count : output);
                }
                else if (isDone && reader.TokenType == JsonTokenType.True)
                {
                    facts.Finished = UInt128.One;
                }
                else if (isWord)
                {
                    Count(ref reader, ref facts);
                }
            }
        }
        catch (JsonException)
        {
            // Not our answer to judge.
        }

        facts.Usage = output is null && input is null ? null : new TokenCounts { Input = input ?? 0, Output = output ?? 0 };
        return facts;
    }

    private static void Count(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        var depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                facts.TextBytes += reader.ValueSpan.Length;
                facts.WordBytes += reader.ValueSpan.Length;
            }
        }
        while ((reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || reader.CurrentDepth > depth) && reader.Read());
    }
}
