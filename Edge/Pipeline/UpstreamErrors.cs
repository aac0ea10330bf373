namespace Sluice.Edge.Pipeline;

/// <summary>What clients are told of upstreams and of the edge's end, whichever way their request was forwarded.</summary>
internal static class UpstreamErrors
{
    /// <summary>To those whom the edge's end cuts off.</summary>
    public static readonly ClientError Ending = new(503, "This gateway is about to end; ask again, and another one answers.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>A plain upstream took too long.</summary>
    public static ClientError TooLate(string upstream) => new(504, $"Upstream '{upstream}' did not answer in time.", "upstream_timeout");

    /// <summary>A plain upstream is not there, broke off, or answered what cannot be trusted.</summary>
    public static ClientError Broken(string upstream) => new(502, $"Upstream '{upstream}' could not be reached, or broke off.", "upstream_error");
}
