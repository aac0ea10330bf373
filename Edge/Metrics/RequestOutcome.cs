namespace Sluice.Edge.Metrics;

/// <summary>How a request ended, as its client saw it.</summary>
public enum RequestOutcome
{
    /// <summary>1xx: the connection was upgraded and has ended.</summary>
    Upgraded,

    /// <summary>2xx.</summary>
    Success,

    /// <summary>3xx.</summary>
    Redirect,

    /// <summary>4xx.</summary>
    ClientError,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>The answer had begun and was cut off by the edge or by what it forwarded to.</summary>
    Broken,

    /// <summary>The client left before the answer's end.</summary>
    ClientLeft,
}
