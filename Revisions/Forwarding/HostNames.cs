namespace Sluice.Revisions.Forwarding;

/// <summary>Hosts as clients name them.</summary>
public static class HostNames
{
    /// <summary>The host without its port; an IPv6 address keeps its brackets.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        var port = host.LastIndexOf(':');
        return port < 0 || host[^1] == ']' ? host : host[..port];
    }
}
