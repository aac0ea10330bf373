using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary><c>encrypted_content</c> of reasoning: what proves its text, or, behind a mark of ours, what other dialects tell in place of a text that nobody may read.</summary>
internal static class EncryptedContent
{
    private static ReadOnlySpan<byte> Mark => "redacted:"u8;

    /// <summary>Whether it stands in place of the text.</summary>
    public static bool IsRedacted(Json content) => content.IsString && content.Span[1..].StartsWith(Mark);

    /// <summary>What stands in place of the text.</summary>
    public static Json Redacted(Json content) => Json.OfPlain(content.Span[(1 + Mark.Length)..^1]) with { At = content.At };

    /// <summary>What is written for it.</summary>
    public static Json OfRedacted(Json redacted) => Json.OfPlain([.. Mark, .. redacted.Span[1..^1]]);
}
