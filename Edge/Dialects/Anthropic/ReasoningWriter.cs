using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Turns a wish to reason into <c>thinking</c>, where the rest of the request lets the model think (https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking).</summary>
internal static class ReasoningWriter
{
    // The dialect's least, and what effort is taken for, in tokens.
    private const long Least = 1024;
    private const long OfMedium = 4096;
    private const long OfHigh = 16384;

    /// <summary>Tokens to reason with; 0: none, -1: as the model thinks best.</summary>
    public static long Plan(Conversation conversation, Losses losses)
    {
        var wish = conversation.Reasoning;
        if (wish.Mode is ReasoningMode.Off || (wish.Mode is ReasoningMode.NotSaid && !wish.Effort.HasText) || wish.Effort.Is("none"u8))
        {
            return 0;
        }

        if (WhyNot(conversation) is { } why)
        {
            losses.Add(wish.Origin, why);
            return 0;
        }

        return wish.Mode is ReasoningMode.Adaptive ? -1 : Math.Min(Budget(wish), Math.Max(Least, conversation.MaxTokens!.Value / 2));
    }

    /// <summary>Writes it.</summary>
    public static void Write(long tokens, Utf8JsonWriter writer)
    {
        if (tokens == 0)
        {
            return;
        }

        writer.WriteStartObject("thinking"u8);
        writer.WriteString("type"u8, tokens < 0 ? "adaptive"u8 : "enabled"u8);
        if (tokens > 0)
        {
            writer.WriteNumber("budget_tokens"u8, tokens);
        }

        writer.WriteEndObject();
    }

    private static long Budget(in ReasoningWish wish) => wish.Budget is { } budget ? Math.Max(budget, Least)
        : wish.Effort.Is("minimal"u8) || wish.Effort.Is("low"u8) ? Least
        : wish.Effort.Is("medium"u8) ? OfMedium
        : OfHigh;

    private static string? WhyNot(Conversation conversation)
    {
        if (conversation.MaxTokens is null or <= Least)
        {
            return "Anthropic's models reason with at least 1024 tokens, and the answer's cap leaves no room for them";
        }

        if (conversation.ToolChoice.Use is ToolUse.Any or ToolUse.One)
        {
            return "Anthropic's models do not reason where a tool must be called";
        }

        // Such a turn must begin with the reasoning that led to it.
        var last = conversation.Turns.FindLast(static t => t.Role is Role.Assistant);
        var isOpen = last is not null && last.Parts.Exists(static p => p is ToolCallPart) && !last.Parts.Exists(static p => p is ReasoningPart r && (r.Signature.HasText || r.Redacted.HasText));
        return isOpen ? "Anthropic's models do not reason after a tool's call that comes without its signed reasoning" : null;
    }
}
