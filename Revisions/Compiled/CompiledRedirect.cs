using System.Globalization;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>A redirect, ready to be told.</summary>
public sealed class CompiledRedirect(RouteRedirect declared, string match)
{
    private readonly ValueText? _path = declared.Path is { } path ? ValueText.Of(path, match) : null;

    /// <summary>301, 302, 303, 307 or 308.</summary>
    public int Status => declared.Status;

    /// <summary>The address without its path, such as <c>https://www.example.com:8443</c>; empty where neither the route nor the request names a host.</summary>
    public string OriginFor(in RequestValues request)
    {
        var asked = HostNames.WithoutPort(request.Host).ToString();
        var host = declared.Host ?? asked;
        if (host.Length == 0)
        {
            return "";
        }

        var scheme = declared.Scheme ?? request.Scheme;
        var port = declared.Port?.ToString(CultureInfo.InvariantCulture) ?? (declared.Scheme is null && request.Host!.Length > asked.Length ? request.Host[(asked.Length + 1)..] : "");
        return port.Length == 0 || (scheme, port) is ("http", "80") or ("https", "443") ? $"{scheme}://{host}" : $"{scheme}://{host}:{port}";
    }

    /// <summary>The path, decoded.</summary>
    public string PathFor(in RequestValues request) => _path?.FillPath(request) ?? request.Path;
}
