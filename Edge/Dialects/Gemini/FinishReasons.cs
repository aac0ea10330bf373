using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary><c>finishReason</c>.</summary>
internal static class FinishReasons
{
    /// <summary>Reads it; one that nobody knows is an end like others.</summary>
    /// <param name="reason">Its word or, as protocol buffers may be written too, its number.</param>
    /// <param name="callsTool">Whether a function was called, which the dialect does not tell here.</param>
    public static StopReason Read(Json reason, bool callsTool) => reason.IsNumber ? OfNumber(reason.Value(), callsTool)
        : !reason.HasText || reason.Is("FINISH_REASON_UNSPECIFIED"u8) ? StopReason.NotSaid
        : reason.Is("MAX_TOKENS"u8) ? StopReason.Length
        : IsFilter(reason) ? StopReason.Filtered
        : callsTool ? StopReason.Tools
        : StopReason.End;

    /// <summary>The word for it.</summary>
    public static ReadOnlySpan<byte> Write(StopReason reason) => reason switch
    {
        StopReason.Length => "MAX_TOKENS"u8,
        StopReason.Filtered => "SAFETY"u8,
        _ => "STOP"u8,
    };

    // SAFETY, RECITATION, LANGUAGE, BLOCKLIST, PROHIBITED_CONTENT, SPII, IMAGE_SAFETY.
    private static StopReason OfNumber(double? number, bool callsTool) => number switch
    {
        0 => StopReason.NotSaid,
        2 => StopReason.Length,
        3 or 4 or 6 or 7 or 8 or 9 or 11 => StopReason.Filtered,
        _ => callsTool ? StopReason.Tools : StopReason.End,
    };

    private static bool IsFilter(Json reason) => reason.Is("SAFETY"u8) || reason.Is("RECITATION"u8) || reason.Is("BLOCKLIST"u8) || reason.Is("PROHIBITED_CONTENT"u8) || reason.Is("SPII"u8)
        || reason.Is("IMAGE_SAFETY"u8) || reason.Is("IMAGE_PROHIBITED_CONTENT"u8) || reason.Is("IMAGE_RECITATION"u8) || reason.Is("MODEL_ARMOR"u8) || reason.Is("LANGUAGE"u8);
}
