using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Revisions.Reading;

namespace Sluice.Revisions.Compiled;

/// <summary>The routes of one host by path segments. At each step a literal is tried before a parameter, and both before what takes all that remains.</summary>
internal sealed class PathTree
{
    private static readonly FrozenDictionary<string, PathTree> NoChildren = FrozenDictionary<string, PathTree>.Empty;

    private readonly FrozenDictionary<string, PathTree> _literals;
    private readonly PathTree? _parameter;
    private readonly ImmutableArray<CompiledRoute> _here;
    private readonly ImmutableArray<CompiledRoute> _below;

    private PathTree(IEnumerable<Entry> entries, int depth)
    {
        var ended = new List<CompiledRoute>();
        var below = new List<CompiledRoute>();
        var literals = new Dictionary<string, List<Entry>>(StringComparer.Ordinal);
        var parameters = new List<Entry>();
        foreach (var entry in entries)
        {
            if (depth == entry.Segments.Length)
            {
                ended.Add(entry.Route);
                continue;
            }

            switch (entry.Segments[depth].Type)
            {
                case PathTemplate.SegmentType.CatchAll:
                    below.Add(entry.Route);
                    break;
                case PathTemplate.SegmentType.Parameter:
                    parameters.Add(entry);
                    break;
                default:
                    if (!literals.TryGetValue(entry.Segments[depth].Text, out var list))
                    {
                        literals.Add(entry.Segments[depth].Text, list = []);
                    }

                    list.Add(entry);
                    break;
            }
        }

        _literals = literals.Count == 0 ? NoChildren : literals.ToFrozenDictionary(p => p.Key, p => new PathTree(p.Value, depth + 1), StringComparer.Ordinal);
        _parameter = parameters.Count == 0 ? null : new PathTree(parameters, depth + 1);
        _here = Order(ended);
        _below = Order(below);
    }

    /// <summary>Builds the tree of some routes.</summary>
    public static PathTree Build(IEnumerable<CompiledRoute> routes) =>
        new(routes.Select(r => new Entry(r, PathTemplate.Parse(r.Resource.Match.Path, out _)!.Value)), 0);

    /// <summary>Finds a route; <paramref name="path"/> is what follows a slash, or null at the path's end.</summary>
    public CompiledRoute? Find<TRequest>(ReadOnlySpan<char> path, bool ended, scoped in TRequest request, ref ImmutableArray<string> allowed)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        if (ended)
        {
            return First(_here, request, ref allowed) ?? First(_below, request, ref allowed);
        }

        var slash = path.IndexOf('/');
        var segment = slash < 0 ? path : path[..slash];
        var rest = slash < 0 ? default : path[(slash + 1)..];
        if (_literals.Count > 0
            && _literals.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(segment, out var literal)
            && literal.Find(rest, slash < 0, request, ref allowed) is { } byLiteral)
        {
            return byLiteral;
        }

        if (_parameter is not null && segment.Length > 0 && _parameter.Find(rest, slash < 0, request, ref allowed) is { } byParameter)
        {
            return byParameter;
        }

        return First(_below, request, ref allowed);
    }

    private static CompiledRoute? First<TRequest>(ImmutableArray<CompiledRoute> candidates, scoped in TRequest request, ref ImmutableArray<string> allowed)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        foreach (var candidate in candidates)
        {
            var match = candidate.Resource.Match;
            if (!HasAll(match, request))
            {
                continue;
            }

            if (match.Methods.IsEmpty || match.Methods.Contains(request.Method, StringComparer.Ordinal))
            {
                return candidate;
            }

            allowed = allowed.IsEmpty ? match.Methods : [.. allowed.Union(match.Methods, StringComparer.Ordinal)];
        }

        return null;
    }

    private static bool HasAll<TRequest>(Resources.RouteMatch match, scoped in TRequest request)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        foreach (var header in match.Headers)
        {
            if (!request.HasHeader(header.Name, header.Values))
            {
                return false;
            }
        }

        foreach (var parameter in match.Query)
        {
            if (!request.HasQuery(parameter.Name, parameter.Values))
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<CompiledRoute> Order(List<CompiledRoute> routes) =>
        [.. routes.OrderByDescending(r => Conditions(r.Resource.Match)).ThenBy(r => r.Resource.Name, StringComparer.Ordinal)];

    private static int Conditions(Resources.RouteMatch match) => match.Headers.Length + match.Query.Length + (match.Methods.IsEmpty ? 0 : 1);

    private readonly record struct Entry(CompiledRoute Route, ImmutableArray<PathTemplate.Segment> Segments);
}
