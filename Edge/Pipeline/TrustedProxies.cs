using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Pipeline;

/// <summary>Proxies in front of the edge (<c>Edge:TrustedProxies</c>): of what comes through them, the client's address and scheme are as they say in <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>.</summary>
internal sealed class TrustedProxies(EdgeOptions options, ILoggerFactory logging)
{
    private const int MostProxies = 16;
    private readonly ForwardedHeadersMiddleware? _middleware = options.TrustedProxies is { } ranges ? Trusting(ranges, logging) : null;

    /// <summary>The ranges of the setting.</summary>
    public static string[] Split(string? ranges) => ranges?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Makes the connection's address and the request's scheme those of the client.</summary>
    public void Apply(HttpContext http) => _middleware?.ApplyForwarders(http);

    private static ForwardedHeadersMiddleware Trusting(string ranges, ILoggerFactory logging)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = MostProxies };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var range in AddressList.Of(Split(ranges)).Ranges)
        {
            forwarded.KnownIPNetworks.Add(range);
        }

        return new ForwardedHeadersMiddleware(static _ => Task.CompletedTask, logging, Options.Create(forwarded));
    }
}
