using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Which headers pass. Hop-by-hop ones (RFC 9110 §7.6.1) never do; what a client says of forwarding or of Sluice is never believed, also with <c>_</c> for
/// <c>-</c>, which many servers take for the same.
/// </summary>
internal static class HeaderRules
{
    private static readonly FrozenSet<string> NeverForwarded = new[]
    {
        "host", "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "expect", "http2-settings", "forwarded", "x-real-ip", "x-original-url", "x-rewrite-url",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> OfKeys = new[] { "authorization", "x-api-key", "api-key", "x-goog-api-key" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> OfTheCaller = new[]
    {
        "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "accept-encoding", "openai-organization", "openai-project",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> OfTheConnection = new[]
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> OfOurAccount = new[]
    {
        "date", "server", "set-cookie", "alt-svc", "strict-transport-security", "openai-organization", "openai-project",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a client's header goes to a service behind a route.</summary>
    public static bool PassesToUpstream(string name) =>
        !NeverForwarded.Contains(name) && !IsOfForwarding(name) && (!name.Contains('_', StringComparison.Ordinal) || PassesToUpstream(name.Replace('_', '-')));

    /// <summary>Whether clients send their Sluice key in it.</summary>
    public static bool MayHoldKey(string name) => OfKeys.Contains(name);

    /// <summary>Whether a client's header goes to a model provider: never the caller's own credentials, nor what describes a body that may have changed.</summary>
    public static bool PassesToProvider(string name) =>
        PassesToUpstream(name) && !OfTheCaller.Contains(name) && !name.StartsWith("content-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a provider's header goes to the client: not what concerns our account with it.</summary>
    public static bool PassesFromProvider(string name) => PassesFromUpstream(name) && !OfOurAccount.Contains(name) && !IsOfRates(name);

    /// <summary>Whether a plain upstream's header goes to the client.</summary>
    public static bool PassesFromUpstream(string name) => !OfTheConnection.Contains(name) && !IsOurs(name);

    /// <summary>Whether it tells what is left of a rate.</summary>
    public static bool IsOfRates(string name) => name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether only Sluice may say it.</summary>
    public static bool IsOurs(string name) => name.StartsWith("sluice-", StringComparison.OrdinalIgnoreCase);

    /// <summary>The headers that a client declares to concern this connection only, or null where there are none.</summary>
    public static HashSet<string>? NominatedBy(StringValues connection)
    {
        HashSet<string>? names = null;
        foreach (var value in connection)
        {
            if (value is null || IsUsual(value))
            {
                continue;
            }

            foreach (var range in value.AsSpan().Split(','))
            {
                names ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                names.Add(value.AsSpan()[range].Trim().ToString());
            }
        }

        return names;
    }

    private static bool IsUsual(string connection) =>
        connection.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || connection.Equals("close", StringComparison.OrdinalIgnoreCase);

    private static bool IsOfForwarding(string name) => IsOurs(name) || name.StartsWith("x-forwarded-", StringComparison.OrdinalIgnoreCase);
}
