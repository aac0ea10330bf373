using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary><c>finish_reason</c>, also as compatible providers call it.</summary>
internal static class ChatStops
{
    /// <summary>Reads it; one that nobody knows is an end like others.</summary>
    public static StopReason Read(Json reason) => !reason.HasText ? StopReason.NotSaid
        : reason.Is("length"u8) || reason.Is("model_length"u8) || reason.Is("max_tokens"u8) ? StopReason.Length
        : reason.Is("tool_calls"u8) || reason.Is("function_call"u8) || reason.Is("tool_use"u8) ? StopReason.Tools
        : reason.Is("content_filter"u8) ? StopReason.Filtered
        : StopReason.End;

    /// <summary>The word for it.</summary>
    public static ReadOnlySpan<byte> Write(StopReason reason) => reason switch
    {
        StopReason.Length => "length"u8,
        StopReason.Tools => "tool_calls"u8,
        StopReason.Filtered => "content_filter"u8,
        _ => "stop"u8,
    };
}
