using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>What a client is told of what YARP met on the way to an upstream.</summary>
internal static class ForwarderFaults
{
    /// <summary>The fault; null: there was none, or the client left.</summary>
    public static ClientError? Tell(HttpContext http, ForwarderError error, string upstream) =>
        IsOfClient(error) || (error is not ForwarderError.ResponseBodyDestination && http.RequestAborted.IsCancellationRequested) ? null : Of(http.Response.StatusCode, upstream);

    /// <summary>Whether it was neither the client's doing nor that it left.</summary>
    public static bool IsOfUpstream(ForwarderError error, HttpContext http) =>
        !IsOfClient(error) && error is not (ForwarderError.RequestBodyClient or ForwarderError.NoAvailableDestinations) && !http.RequestAborted.IsCancellationRequested;

    private static bool IsOfClient(ForwarderError error) => error is ForwarderError.None
        or ForwarderError.RequestCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestCanceled
        or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient or ForwarderError.UpgradeActivityTimeout;

    private static ClientError Of(int status, string upstream) => status switch
    {
        504 => UpstreamErrors.TooLate(upstream),
        413 => new ClientError(413, "The request body is larger than this edge takes.", "request_too_large"),
        400 => UpstreamErrors.UnreadableBody,
        _ => UpstreamErrors.Broken(upstream),
    };
}
