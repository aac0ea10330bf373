using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>Bounds of each request of a route; null: none of its own.</summary>
/// <param name="RequestBody">The most bytes that a client may send, up to 100 MiB, the edge's own bound.</param>
/// <param name="ResponseBody">The most bytes that an upstream may answer.</param>
/// <param name="Time">From the request's arrival to the answer's last byte; 1 ms to an hour, kept to 50 ms.</param>
public sealed record RouteLimits(long? RequestBody, long? ResponseBody, TimeSpan? Time);

/// <summary>Which answers of a route are compressed for clients that take it.</summary>
/// <param name="Types">Media types, or <c>text/*</c>; server-sent events only where <c>text/event-stream</c> itself is named.</param>
/// <param name="MinSize">In bytes: shorter answers, whose length is known, are left as they are. Default 1 KiB.</param>
public sealed record RouteCompression(ImmutableArray<string> Types, long MinSize)
{
    /// <summary>What is compressed where no types are declared.</summary>
    public static ImmutableArray<string> UsualTypes { get; } =
    [
        "text/html", "text/css", "text/plain", "text/csv", "text/xml", "text/javascript", "application/javascript", "application/json", "application/problem+json", "application/xml",
        "application/x-ndjson", "application/manifest+json", "application/wasm", "image/svg+xml",
    ];
}
