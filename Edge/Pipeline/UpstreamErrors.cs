using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Pipeline;

/// <summary>What clients are told of upstreams and of the edge's end, whichever way their request was forwarded.</summary>
internal static class UpstreamErrors
{
    /// <summary>To those whom the edge's end cuts off.</summary>
    public static readonly ClientError Ending = new(503, "This gateway is about to end; ask again, and another one answers.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>A model's provider took too long.</summary>
    public static readonly ClientError ProviderTooLate = new(504, "The model's provider did not answer in time.", "upstream_timeout");

    /// <summary>A model's provider is not there, or broke off before it answered.</summary>
    public static readonly ClientError ProviderBroken = new(502, "The model's provider could not be reached, or ended the connection without an answer.", "upstream_error");

    /// <summary>A model's provider encoded its answer, though it was not told that it may.</summary>
    public static ClientError ProviderEncodes(string encoding) => new(
        502, $"The model's provider answered with 'Content-Encoding: {(encoding.Length <= 40 ? encoding : $"{encoding[..40]}…")}', which was not asked for and is not read here.", "upstream_error");

    /// <summary>The client's body did not arrive as it should.</summary>
    public static readonly ClientError UnreadableBody = new(400, "The request body could not be read.", "bad_request");

    /// <summary>An upstream has as many requests as it may have.</summary>
    public static ClientError Full(string upstream) => new(
        503, $"Upstream '{upstream}' has as many requests under way from this gateway as its circuit allows; ask again.", "upstream_full", RetryAfter: TimeSpan.FromSeconds(1)) { By = $"Upstream/{upstream}" };

    /// <summary>No address of an upstream is known, or all of them went.</summary>
    public static ClientError NoAddress(string upstream) => new(
        503, $"Upstream '{upstream}' has no address that this gateway knows of; ask again.", "upstream_empty", RetryAfter: TimeSpan.FromSeconds(1)) { By = $"Upstream/{upstream}" };

    /// <summary>This edge has no credential for a provider that asks for one.</summary>
    public static ClientError NoCredential(string provider) => new(503, $"The credential of provider '{provider}' is not known to this edge.", "service_unavailable") { By = $"Provider/{provider}" };

    /// <summary>Whether another target or credential may do where a provider answered this.</summary>
    public static bool IsMendable(int status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests or >= 500;

    /// <summary>A plain upstream took too long.</summary>
    public static ClientError TooLate(string upstream) => new(504, $"Upstream '{upstream}' did not answer in time.", "upstream_timeout") { By = $"Upstream/{upstream}" };

    /// <summary>A plain upstream is not there, broke off, or answered what cannot be trusted.</summary>
    public static ClientError Broken(string upstream) => new(502, $"Upstream '{upstream}' could not be reached, or broke off.", "upstream_error") { By = $"Upstream/{upstream}" };
}
