using System.Globalization;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Writes <c>generationConfig</c>.</summary>
internal static class GenerateConfigWriter
{
    private const int MostStops = 5;

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject("generationConfig"u8);
        if (conversation.MaxTokens is { } most)
        {
            writer.WriteNumber("maxOutputTokens"u8, most);
        }

        conversation.Temperature.WriteTo(writer, "temperature"u8);
        conversation.TopP.WriteTo(writer, "topP"u8);
        conversation.TopK.WriteTo(writer, "topK"u8);
        conversation.Seed.WriteTo(writer, "seed"u8);
        conversation.PresencePenalty.WriteTo(writer, "presencePenalty"u8);
        conversation.FrequencyPenalty.WriteTo(writer, "frequencyPenalty"u8);
        conversation.Answers.WriteTo(writer, "candidateCount"u8);
        if (!conversation.LogProbabilities.IsNothing)
        {
            writer.WriteBoolean("responseLogprobs"u8, true);
            conversation.TopLogProbabilities.WriteTo(writer, "logprobs"u8);
        }

        WriteStops(conversation.Stop, writer);
        WriteFormat(conversation.Format, writer, losses);
        WriteThinking(conversation, writer);
        writer.WriteEndObject();
    }

    private static void WriteStops(List<Json> stops, Utf8JsonWriter writer)
    {
        if (stops.FindAll(static s => s.HasText) is { Count: > MostStops } many)
        {
            throw new DialectFaultException(string.Create(CultureInfo.InvariantCulture, $"Gemini's dialect takes at most {MostStops} texts that end an answer."), many[MostStops]);
        }

        JsonText.WriteTexts(writer, "stopSequences"u8, stops);
    }

    private static void WriteFormat(in OutputFormat format, Utf8JsonWriter writer, Losses losses)
    {
        if (format.Form is OutputForm.Text)
        {
            return;
        }

        losses.Add(format.Description, "Gemini's dialect has no such field");
        writer.WriteString("responseMimeType"u8, "application/json"u8);
        format.Schema.WriteTo(writer, "responseJsonSchema"u8);
    }

    // Models before the third generation know budgets only, later ones levels; both tell their thoughts to who asks for them.
    private static void WriteThinking(Conversation conversation, Utf8JsonWriter writer)
    {
        var wish = conversation.Reasoning;
        var isOff = wish.Mode is ReasoningMode.Off || wish.Effort.Is("none"u8);
        if (!isOff && wish.Mode is ReasoningMode.NotSaid && !wish.Effort.HasText)
        {
            return;
        }

        writer.WriteStartObject("thinkingConfig"u8);
        if (!isOff)
        {
            writer.WriteBoolean("includeThoughts"u8, true);
        }

        if (isOff || wish.Budget is not null)
        {
            writer.WriteNumber("thinkingBudget"u8, isOff ? 0 : wish.Budget!.Value);
        }
        else if (wish.Effort.HasText && KnowsBudgetsOnly(conversation.Model))
        {
            writer.WriteNumber("thinkingBudget"u8, wish.Effort.Is("minimal"u8) || wish.Effort.Is("low"u8) ? 1024 : wish.Effort.Is("medium"u8) ? 8192 : 24576);
        }
        else if (wish.Effort.HasText)
        {
            writer.WriteString("thinkingLevel"u8, wish.Effort.Is("minimal"u8) ? "minimal"u8 : wish.Effort.Is("low"u8) ? "low"u8 : wish.Effort.Is("medium"u8) ? "medium"u8 : "high"u8);
        }
        else
        {
            writer.WriteNumber("thinkingBudget"u8, -1);
        }

        writer.WriteEndObject();
    }

    private static bool KnowsBudgetsOnly(Json model) => model.Span.IndexOf("gemini-2"u8) >= 0 || model.Span.IndexOf("gemini-1"u8) >= 0 || model.Span.IndexOf("flash-latest"u8) >= 0;
}
