using System.Text;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tokens;

/// <summary>Estimates the tokens of a request: its texts by the model's vocabulary, or four bytes each where there is none; a few for each message and tool; images as most providers count one.</summary>
internal static class ConversationTokens
{
    private const int BytesPerToken = 4;
    private const int AroundTurn = 4;
    private const int AroundTool = 8;
    private const int OfImage = 1000;

    /// <summary>The estimate, at least 1.</summary>
    public static long Estimate(Conversation conversation, Vocabulary vocabulary)
    {
        long tokens = 1;
        foreach (var turn in conversation.Turns)
        {
            tokens += AroundTurn + Count(turn.Parts, vocabulary);
        }

        foreach (var tool in conversation.Tools)
        {
            tokens += AroundTool + Count(tool.Name, vocabulary) + Count(tool.Description, vocabulary) + Count(tool.Parameters, vocabulary);
        }

        return tokens;
    }

    private static long Count(List<ContentPart> parts, Vocabulary vocabulary)
    {
        long tokens = 0;
        foreach (var part in parts)
        {
            tokens += part switch
            {
                TextPart text => Count(text.Text, vocabulary),
                RefusalPart refusal => Count(refusal.Text, vocabulary),
                ReasoningPart thought => Count(thought.Text, vocabulary),
                ToolCallPart call => AroundTool + Count(call.Name, vocabulary) + Count(call.Input, vocabulary),
                ToolResultPart result => AroundTool + Count(result.Parts, vocabulary),
                MediaPart { Medium: Medium.Image } => OfImage,
                MediaPart media => Count(media.Text, vocabulary) + (media.Data.Length / BytesPerToken),
                _ => part.Origin.Raw.Length / BytesPerToken,
            };
        }

        return tokens;
    }

    private static long Count(Json value, Vocabulary vocabulary)
    {
        if (value.IsNothing)
        {
            return 0;
        }

        var text = value.IsString ? value.Unescape() : value.Raw;
        return TextTokens.Count(vocabulary, Encoding.UTF8.GetString(text.Span)) ?? (text.Length + BytesPerToken - 1) / BytesPerToken;
    }
}
