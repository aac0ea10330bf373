using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary><c>finish_reason</c>.</summary>
internal static class CohereStops
{
    /// <summary>Reads it; one that nobody knows is an end like others.</summary>
    public static StopReason Read(Json reason) => !reason.HasText ? StopReason.NotSaid
        : reason.Is("MAX_TOKENS"u8) ? StopReason.Length
        : reason.Is("TOOL_CALL"u8) ? StopReason.Tools
        : reason.Is("STOP_SEQUENCE"u8) ? StopReason.StopText
        : reason.Is("ERROR_TOXIC"u8) ? StopReason.Filtered
        : StopReason.End;
}
