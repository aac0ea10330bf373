using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Forwarding;

/// <summary>
/// Which headers pass. Hop-by-hop ones (RFC 9110 §7.6.1) never do; what a client says of forwarding or of Sluice is never believed, also with <c>_</c> for
/// <c>-</c>, which many servers take for the same.
/// </summary>
public static class HeaderRules
{
    /// <summary>Tells a service the address of the client.</summary>
    public const string ForwardedFor = "X-Forwarded-For";

    /// <summary>Tells a service whether the client came by http or https.</summary>
    public const string ForwardedProto = "X-Forwarded-Proto";

    /// <summary>Tells a service the host that the client asked for.</summary>
    public const string ForwardedHost = "X-Forwarded-Host";

    /// <summary>Tells a service who the client is by a certificate of its own that was checked.</summary>
    public const string ForwardedClientCertificate = "X-Forwarded-Client-Cert";

    /// <summary>Tells a service the request's id.</summary>
    public const string RequestId = "sluice-request-id";

    /// <summary>The headers in which clients send their Sluice key.</summary>
    public static FrozenSet<string> OfKeys { get; } = new[] { "authorization", "x-api-key", "api-key", "x-goog-api-key" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> NeverForwarded = new[]
    {
        "host", "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "expect", "http2-settings", "forwarded", "x-real-ip", "x-original-url", "x-rewrite-url",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

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
        "date", "server", "set-cookie", "strict-transport-security", "openai-organization", "openai-project",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The headers that a service behind a route is sent in any case.</summary>
    public static ImmutableArray<string> AddedForUpstreams { get; } = [ForwardedFor, ForwardedProto, ForwardedHost, RequestId];

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

    /// <summary>Whether a plain upstream's header goes to the client: other ways to the upstream are not ways to this gateway.</summary>
    public static bool PassesFromUpstream(string name) => MayBeOfAnswer(name) && !name.Equals("alt-svc", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a route may say it in answers.</summary>
    public static bool MayBeOfAnswer(string name) => !OfTheConnection.Contains(name) && !IsOurs(name);

    /// <summary>Whether it tells what is left of a rate.</summary>
    public static bool IsOfRates(string name) => name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("anthropic-ratelimit-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether only Sluice may say it.</summary>
    public static bool IsOurs(string name) => name.StartsWith("sluice-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a value holds a client's key.</summary>
    public static bool HoldsKey(string? value) => value?.Contains(KeyFormat.ClientPrefix, StringComparison.Ordinal) is true;

    /// <summary>Whether a header goes to no service behind a route, for a Sluice key is for Sluice; a service's own credentials pass.</summary>
    /// <param name="name">Of the header.</param>
    /// <param name="access">Of the route.</param>
    /// <param name="holdsKey">Whether one of its values holds a client's key.</param>
    public static bool IsKeyOfSluice(string name, RouteAccess access, bool holdsKey) => MayHoldKey(name) && (access is RouteAccess.Key || holdsKey);

    /// <summary>Adds the headers that a value of <c>Connection</c> declares to concern this connection only; null stays null where there are none.</summary>
    public static void Nominate(string? connection, ref ISet<string>? names)
    {
        if (connection is null || IsUsual(connection))
        {
            return;
        }

        foreach (var range in connection.AsSpan().Split(','))
        {
            names ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            names.Add(connection.AsSpan()[range].Trim().ToString());
        }
    }

    private static bool IsUsual(string connection) =>
        connection.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || connection.Equals("close", StringComparison.OrdinalIgnoreCase);

    private static bool IsOfForwarding(string name) => IsOurs(name) || name.StartsWith("x-forwarded-", StringComparison.OrdinalIgnoreCase);
}
