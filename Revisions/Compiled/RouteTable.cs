using System.Collections.Immutable;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Finds the route of a request: exact hosts before wildcards before any, literal segments before parameters before catch-alls, those of a method before others, more headers before fewer, more query parameters before fewer, with a flag before without.</summary>
public sealed class RouteTable
{
    // Never changed once they are here.
    private readonly Dictionary<string, PathTree> _exact;
    private readonly Dictionary<string, PathTree> _wildcard;
    private readonly PathTree? _any;

    private RouteTable(ImmutableArray<CompiledRoute> routes)
    {
        var texts = new SharedTexts();
        var hosts = routes.SelectMany(r => r.Resource.Match.Hosts.DefaultIfEmpty("").Select(host => (Host: host, Route: r))).ToLookup(p => p.Host, p => p.Route, StringComparer.OrdinalIgnoreCase);
        _exact = hosts.Where(g => g.Key.Length > 0 && g.Key[0] != '*').ToDictionary(g => g.Key, g => PathTree.Build(g, texts), StringComparer.OrdinalIgnoreCase);
        _wildcard = hosts.Where(g => g.Key.StartsWith("*.", StringComparison.Ordinal)).ToDictionary(g => g.Key[2..], g => PathTree.Build(g, texts), StringComparer.OrdinalIgnoreCase);
        _any = hosts.Contains("") ? PathTree.Build(hosts[""], texts) : null;
        AsksCaller = routes.Any(AsksFor);
    }

    private RouteTable(Dictionary<string, PathTree> exact, Dictionary<string, PathTree> wildcard, PathTree? any, bool asksCaller) =>
        (_exact, _wildcard, _any, AsksCaller) = (exact, wildcard, any, asksCaller);

    /// <summary>Whether some route can be found only where it is known whose the request is.</summary>
    public bool AsksCaller { get; }

    /// <summary>No routes.</summary>
    public static RouteTable Empty { get; } = Build([]);

    /// <summary>Prepares the lookups of some routes, whose templates were checked.</summary>
    public static RouteTable Build(ImmutableArray<CompiledRoute> routes) => new(routes);

    /// <summary>The table with some routes taken out and others put in; all that is not on their way is shared with this one.</summary>
    internal RouteTable Change(IReadOnlyCollection<RouteResource> removed, IReadOnlyCollection<CompiledRoute> added)
    {
        var (exact, wildcard, any) = (_exact, _wildcard, _any);
        foreach (var route in removed)
        {
            foreach (var host in route.Match.Hosts.DefaultIfEmpty(""))
            {
                Replace(host, tree => tree?.Without(route));
            }
        }

        foreach (var route in added)
        {
            foreach (var host in route.Resource.Match.Hosts.DefaultIfEmpty(""))
            {
                Replace(host, tree => PathTree.With(tree, route));
            }
        }

        return new RouteTable(exact, wildcard, any, AsksCaller || added.Any(AsksFor));

        void Replace(string host, Func<PathTree?, PathTree?> change)
        {
            if (host.Length == 0)
            {
                any = change(any);
            }
            else if (host[0] != '*')
            {
                exact = PathTree.Replace(exact, host, change);
            }
            else
            {
                wildcard = PathTree.Replace(wildcard, host[2..], change);
            }
        }
    }

    /// <summary>The other routes of a host and path of this one, whatever else they ask.</summary>
    internal IEnumerable<RouteResource> Beside(RouteResource route) => route.Match.Hosts.DefaultIfEmpty("")
        .SelectMany(host => Tree(host)?.Beside(route.Match.Path) ?? []).Select(other => other.Resource).Where(other => !string.Equals(other.Name, route.Name, StringComparison.Ordinal));

    private PathTree? Tree(string host) => host.Length == 0 ? _any : host[0] != '*' ? _exact.GetValueOrDefault(host) : _wildcard.GetValueOrDefault(host[2..]);

    /// <summary>All routes, each once, in no order.</summary>
    public IEnumerable<CompiledRoute> All() =>
        _exact.Values.Concat(_wildcard.Values).Concat(_any is null ? [] : [_any]).SelectMany(tree => tree.All()).DistinctBy(r => r.Resource.Name, StringComparer.Ordinal);

    /// <summary>Finds the route. <paramref name="request"/> is a struct over the host's own request, so that nothing is copied or allocated.</summary>
    public RouteFinding Find<TRequest>(scoped in TRequest request)
        where TRequest : struct, IRoutableRequest, allows ref struct => Find(request, default(NoWitness));

    /// <summary>
    /// Finds the route as <see cref="Find{TRequest}(in TRequest)"/> does, before the eyes of a witness. One that sees all is shown every candidate, also those behind the first that
    /// fits, and then none is answered.
    /// </summary>
    internal RouteFinding Find<TRequest, TWitness>(scoped in TRequest request, TWitness witness)
        where TRequest : struct, IRoutableRequest, allows ref struct
        where TWitness : struct, IRouteWitness
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
            && exact.Find(path, ended: false, request, witness, ref allowed) is { } byHost)
        {
            return new RouteFinding(byHost, []);
        }

        if (_wildcard.Count > 0 && FindWildcard(path, request, witness, ref allowed) is { } byWildcard)
        {
            return new RouteFinding(byWildcard, []);
        }

        return _any?.Find(path, ended: false, request, witness, ref allowed) is { } route ? new RouteFinding(route, []) : new RouteFinding(null, allowed);
    }

    private static bool AsksFor(CompiledRoute route) => route.When is { AsksCaller: true };

    private CompiledRoute? FindWildcard<TRequest, TWitness>(ReadOnlySpan<char> path, scoped in TRequest request, TWitness witness, ref ImmutableArray<string> allowed)
        where TRequest : struct, IRoutableRequest, allows ref struct
        where TWitness : struct, IRouteWitness
    {
        var lookup = _wildcard.GetAlternateLookup<ReadOnlySpan<char>>();
        var host = request.Host;
        for (var dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            host = host[(dot + 1)..];
            if (lookup.TryGetValue(host, out var tree) && tree.Find(path, ended: false, request, witness, ref allowed) is { } route)
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

    /// <summary>Whether the request's header is as is asked.</summary>
    bool HasHeader(ValueTest asked);

    /// <summary>Whether the request's query parameter is as is asked.</summary>
    bool HasQuery(ValueTest asked);

    /// <summary>The header's value, several joined by commas; null or empty where there is none.</summary>
    string? Header(string name);

    /// <summary>The cookie's value; null or empty where there is none.</summary>
    string? Cookie(string name);

    /// <summary>The user of the caller's key, else the key; null where there is none, or it is not known yet.</summary>
    string? Subject { get; }
}

/// <summary>What was found.</summary>
/// <param name="Route">Null: none matches.</param>
/// <param name="AllowedMethods">Where paths matched but no method did: those that would have (for 405 and <c>Allow</c>); else empty.</param>
public readonly record struct RouteFinding(CompiledRoute? Route, ImmutableArray<string> AllowedMethods);
