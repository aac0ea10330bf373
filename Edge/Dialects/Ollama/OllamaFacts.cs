using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>What the gateway reads from an answer, or from one line of its stream, for what is charged: <c>prompt_eval_count</c> is left out where all of the prompt was kept from before.</summary>
internal static class OllamaFacts
{
    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static void ReadField(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        var (isInput, isOutput, isDone) = (reader.Is("prompt_eval_count"u8), reader.Is("eval_count"u8), reader.Is("done"u8));
        var isWord = reader.Is("content"u8) || reader.Is("thinking"u8) || reader.Is("arguments"u8);
        reader.Read();
        if ((isInput || isOutput) && TokenUsage.CountAt(reader) is { } count)
        {
            var told = facts.Usage ?? default;
            facts.Usage = isInput ? told with { Input = count } : told with { Output = count };
        }
        else if (isDone && reader.TokenType == JsonTokenType.True)
        {
            facts.Finished = UInt128.One;
        }
        else if (isWord)
        {
            FieldFacts.Count(ref reader, ref facts);
        }
    }
}
