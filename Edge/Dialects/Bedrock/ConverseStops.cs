using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary><c>stopReason</c>.</summary>
internal static class ConverseStops
{
    /// <summary>Reads it; one that nobody knows is an end like others.</summary>
    public static StopReason Read(Json reason) => !reason.HasText ? StopReason.NotSaid
        : reason.Is("max_tokens"u8) || reason.Is("model_context_window_exceeded"u8) ? StopReason.Length
        : reason.Is("tool_use"u8) ? StopReason.Tools
        : reason.Is("stop_sequence"u8) ? StopReason.StopText
        : reason.Is("guardrail_intervened"u8) || reason.Is("content_filtered"u8) ? StopReason.Filtered
        : StopReason.End;
}
