using System.Net;
using System.Runtime.CompilerServices;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Upstreams;

/// <summary>YARP's settings of a request, prepared once for each declared upstream.</summary>
internal static class RequestConfigs
{
    private static readonly ConditionalWeakTable<UpstreamResource, ForwarderRequestConfig> Known = [];

    /// <summary>The settings for an upstream. YARP counts one time for every wait, the first byte's among them; it is the longer of the two declared.</summary>
    public static ForwarderRequestConfig For(UpstreamResource upstream) => Known.TryGetValue(upstream, out var config) ? config : Known.GetValue(upstream, static u => new ForwarderRequestConfig
    {
        ActivityTimeout = u.Timeouts.FirstByte > u.Timeouts.Idle ? u.Timeouts.FirstByte : u.Timeouts.Idle,
        Version = u.Protocol is UpstreamProtocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    });
}
