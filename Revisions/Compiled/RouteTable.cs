using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sluice.Revisions.Compiled;

/// <summary>Finds the route of a request: exact hosts before wildcards before any, literal segments before parameters before catch-alls, more conditions before fewer.</summary>
public sealed class RouteTable
{
    private readonly FrozenDictionary<string, PathTree> _exact;
    private readonly FrozenDictionary<string, PathTree> _wildcard;
    private readonly PathTree? _any;

    private RouteTable(ImmutableArray<CompiledRoute> routes)
    {
        var hosts = routes.SelectMany(r => r.Resource.Match.Hosts.DefaultIfEmpty("").Select(host => (Host: host, Route: r))).ToLookup(p => p.Host, p => p.Route, StringComparer.OrdinalIgnoreCase);
        _exact = hosts.Where(g => g.Key.Length > 0 && g.Key[0] != '*').ToFrozenDictionary(g => g.Key, PathTree.Build, StringComparer.OrdinalIgnoreCase);
        _wildcard = hosts.Where(g => g.Key.StartsWith("*.", StringComparison.Ordinal)).ToFrozenDictionary(g => g.Key[2..], PathTree.Build, StringComparer.OrdinalIgnoreCase);
        _any = hosts.Contains("") ? PathTree.Build(hosts[""]) : null;
    }

    /// <summary>No routes.</summary>
    public static RouteTable Empty { get; } = Build([]);

    /// <summary>Prepares the lookups of some routes, whose templates were checked.</summary>
    public static RouteTable Build(ImmutableArray<CompiledRoute> routes) => new(routes);

    /// <summary>Finds the route. <paramref name="request"/> is a struct over the host's own request, so that nothing is copied or allocated.</summary>
    public RouteFinding Find<TRequest>(scoped in TRequest request)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        var allowed = ImmutableArray<string>.Empty;
        var path = request.Path;
        if (path.IsEmpty || path[0] != '/')
        {
            return new RouteFinding(null, allowed);
        }

        path = path[1..];
        if (_exact.Count > 0
            && _exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(request.Host, out var exact)
            && exact.Find(path, ended: false, request, ref allowed) is { } byHost)
        {
            return new RouteFinding(byHost, []);
        }

        if (_wildcard.Count > 0 && FindWildcard(path, request, ref allowed) is { } byWildcard)
        {
            return new RouteFinding(byWildcard, []);
        }

        return _any?.Find(path, ended: false, request, ref allowed) is { } route ? new RouteFinding(route, []) : new RouteFinding(null, allowed);
    }

    private CompiledRoute? FindWildcard<TRequest>(ReadOnlySpan<char> path, scoped in TRequest request, ref ImmutableArray<string> allowed)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        var lookup = _wildcard.GetAlternateLookup<ReadOnlySpan<char>>();
        var host = request.Host;
        for (var dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            host = host[(dot + 1)..];
            if (lookup.TryGetValue(host, out var tree) && tree.Find(path, ended: false, request, ref allowed) is { } route)
            {
                return route;
            }
        }

        return null;
    }
}

/// <summary>What matching asks of a request.</summary>
public interface IRoutableRequest
{
    /// <summary>Host without port.</summary>
    ReadOnlySpan<char> Host { get; }

    /// <summary>Upper case.</summary>
    string Method { get; }

    /// <summary>The normalised path, the same that is forwarded.</summary>
    ReadOnlySpan<char> Path { get; }

    /// <summary>Whether the request has the header, with one of the values where any are given.</summary>
    bool HasHeader(string name, ImmutableArray<string> values);

    /// <summary>Whether the request has the query parameter, with one of the values where any are given.</summary>
    bool HasQuery(string name, ImmutableArray<string> values);
}

/// <summary>What was found.</summary>
/// <param name="Route">Null: none matches.</param>
/// <param name="AllowedMethods">Where paths matched but no method did: those that would have (for 405 and <c>Allow</c>); else empty.</param>
public readonly record struct RouteFinding(CompiledRoute? Route, ImmutableArray<string> AllowedMethods);
