using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Finds the route of a request: exact hosts before wildcards before any, literal segments before parameters before catch-alls, more conditions before fewer.</summary>
public sealed class RouteTable
{
    /// <summary>No routes.</summary>
    public static RouteTable Empty { get; } = new();

    /// <summary>Finds the route. <paramref name="request"/> is a struct over the host's own request, so that nothing is copied or allocated.</summary>
    public RouteFinding Find<TRequest>(in TRequest request)
        where TRequest : struct, IRoutableRequest, allows ref struct => throw new NotSupportedException();
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

/// <summary>A route ready to run.</summary>
public sealed class CompiledRoute(RouteResource resource, ImmutableArray<UpstreamResource> parts)
{
    /// <summary>As declared.</summary>
    public RouteResource Resource => resource;

    /// <summary>The upstream of each part of the split, in declared order.</summary>
    public ImmutableArray<UpstreamResource> Parts => parts;

    /// <summary>The index in <see cref="Parts"/> by weight; <paramref name="chance"/> from 0 to below 1.</summary>
    public int Choose(double chance) => throw new NotSupportedException();

    /// <summary>The chance from 0 to below 1 for a sticky value: the same for the same route and value, on every edge and under every revision. A grown part takes users only from the parts that shrank when there are two.</summary>
    public double ChanceOf(ReadOnlySpan<char> stickyValue) => throw new NotSupportedException();
}
