using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary><c>stop_reason</c>.</summary>
internal static class MessageStops
{
    /// <summary>Reads it; one that nobody knows is an end like others.</summary>
    public static StopReason Read(Json reason) => !reason.HasText ? StopReason.NotSaid
        : reason.Is("max_tokens"u8) || reason.Is("model_context_window_exceeded"u8) ? StopReason.Length
        : reason.Is("tool_use"u8) ? StopReason.Tools
        : reason.Is("stop_sequence"u8) ? StopReason.StopText
        : reason.Is("refusal"u8) ? StopReason.Filtered
        : reason.Is("pause_turn"u8) ? StopReason.Paused
        : StopReason.End;

    /// <summary>The word for it.</summary>
    public static ReadOnlySpan<byte> Write(StopReason reason) => reason switch
    {
        StopReason.Length => "max_tokens"u8,
        StopReason.Tools => "tool_use"u8,
        StopReason.StopText => "stop_sequence"u8,
        StopReason.Filtered => "refusal"u8,
        StopReason.Paused => "pause_turn"u8,
        _ => "end_turn"u8,
    };
}
