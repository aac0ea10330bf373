using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metering;

namespace Sluice.Edge.Realtime;

/// <summary>Why a realtime connection ends. See docs/realtime.md, "How a connection ends".</summary>
/// <param name="By">Who ends it.</param>
/// <param name="Status">The close code, for the other side or, where the edge ends it, for the client.</param>
/// <param name="Reason">The reason beside it, of at most 123 bytes; null: none.</param>
/// <param name="Record">The status for the records of what was under way.</param>
internal sealed record Ending(EndedBy By, WebSocketCloseStatus Status, string? Reason, int Record)
{
    // RFC 6455 §5.5: a control frame has 125 bytes, of which the code takes two.
    private const int LongestReason = 123;

    /// <summary>OpenAI's code of what went wrong, and the message, where the client is told by an event too; null: it is not.</summary>
    public (string Code, string Message)? Error { get; private init; }

    /// <summary>The client is not there any more.</summary>
    public static Ending ClientGone { get; } = new(EndedBy.ClientGone, WebSocketCloseStatus.EndpointUnavailable, "The client is gone.", StatusCodes.Status499ClientClosedRequest);

    /// <summary>The provider is not there any more.</summary>
    public static Ending ProviderGone { get; } = Told(WebSocketCloseStatus.InternalServerError, "upstream_error", "The model's provider broke off the connection.", StatusCodes.Status502BadGateway);

    /// <summary>The edge is about to end.</summary>
    public static Ending Draining { get; } = Told(WebSocketCloseStatus.EndpointUnavailable, "service_unavailable", "This gateway is about to end; connect again, and another one answers.", StatusCodes.Status503ServiceUnavailable);

    /// <summary>The key stands for nobody any more.</summary>
    public static Ending Revoked { get; } = Told(WebSocketCloseStatus.PolicyViolation, "invalid_api_key", "The API key is expired or revoked.", StatusCodes.Status401Unauthorized);

    /// <summary>The key may not use the model any more.</summary>
    public static Ending NotAllowed { get; } = Told(WebSocketCloseStatus.PolicyViolation, "model_not_found", "The API key may not use this model any more.", StatusCodes.Status404NotFound);

    /// <summary>Nothing passed for too long.</summary>
    public static Ending Idle { get; } = Told(WebSocketCloseStatus.NormalClosure, "idle_timeout", "Nothing passed on this connection for too long.", StatusCodes.Status408RequestTimeout);

    /// <summary>The client closes.</summary>
    public static Ending ByClient(WebSocketCloseStatus? status, string? reason) => new(EndedBy.Client, status ?? WebSocketCloseStatus.Empty, reason, StatusCodes.Status101SwitchingProtocols);

    /// <summary>The provider closes.</summary>
    public static Ending ByProvider(WebSocketCloseStatus? status, string? reason) => new(EndedBy.Provider, status ?? WebSocketCloseStatus.Empty, reason, StatusCodes.Status101SwitchingProtocols);

    /// <summary>The next response is not let in.</summary>
    public static Ending Of(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.BudgetSpent => Told(WebSocketCloseStatus.PolicyViolation, "insufficient_quota", refusal.Message, StatusCodes.Status429TooManyRequests),
        RefusalReason.RateLimited => Told(WebSocketCloseStatus.PolicyViolation, "rate_limit_exceeded", refusal.Message, StatusCodes.Status429TooManyRequests),
        _ => Told(WebSocketCloseStatus.InternalServerError, "service_unavailable", refusal.Message, StatusCodes.Status503ServiceUnavailable),
    };

    private static Ending Told(WebSocketCloseStatus status, string code, string message, int record) =>
        new(EndedBy.Edge, status, Shorten($"{code}: {message}"), record) { Error = (code, message) };

    private static string Shorten(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > LongestReason)
        {
            reason = reason[..^1];
        }

        // Half of a surrogate pair is no text.
        return reason.Length > 0 && char.IsHighSurrogate(reason[^1]) ? reason[..^1] : reason;
    }
}

/// <summary>Who ends a realtime connection.</summary>
internal enum EndedBy
{
    /// <summary>The gateway itself.</summary>
    Edge,

    /// <summary>The client, by a close.</summary>
    Client,

    /// <summary>The provider, by a close.</summary>
    Provider,

    /// <summary>The client's connection is gone without a close.</summary>
    ClientGone,
}
