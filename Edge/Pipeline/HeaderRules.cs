using System.Collections.Frozen;

namespace Sluice.Edge.Pipeline;

/// <summary>Which headers pass. Hop-by-hop ones (RFC 9110 §7.6.1) never do; what a client says of forwarding or of Sluice is never believed.</summary>
internal static class HeaderRules
{
    private static readonly FrozenSet<string> NeverForwarded = new[]
    {
        "host", "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "expect", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix", "x-forwarded-port",
        "x_forwarded_for", "x_forwarded_host", "x_forwarded_proto", "http2-settings",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> OfTheCaller = new[]
    {
        "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "accept-encoding", "openai-organization", "openai-project",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> NeverAnswered = new[]
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "date", "server", "set-cookie",
        "alt-svc", "strict-transport-security", "openai-organization", "openai-project", "content-length",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a client's header goes to a service behind a route.</summary>
    public static bool PassesToUpstream(string name) => !NeverForwarded.Contains(name) && !IsOurs(name);

    /// <summary>Whether a client's header goes to a model provider: never the caller's own credentials.</summary>
    public static bool PassesToProvider(string name) => PassesToUpstream(name) && !OfTheCaller.Contains(name);

    /// <summary>Whether a provider's header goes to the client: not what concerns our account with it.</summary>
    public static bool PassesToClient(string name) =>
        !NeverAnswered.Contains(name) && !IsOurs(name) && !name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase);

    private static bool IsOurs(string name) => name.StartsWith("sluice-", StringComparison.OrdinalIgnoreCase);
}
