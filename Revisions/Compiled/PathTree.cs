using System.Collections.Immutable;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>The routes of one host by path segments. At each step a literal is tried before a parameter, and both before what takes all that remains.</summary>
internal sealed class PathTree
{
    private static readonly PathTree Nothing = new(default, null, [], []);
    private readonly PathBranches _literals;
    private readonly PathTree? _parameter;
    private readonly ImmutableArray<CompiledRoute> _here;
    private readonly ImmutableArray<CompiledRoute> _below;

    private PathTree(IEnumerable<Entry> entries, int depth, SharedTexts texts)
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
                        literals.Add(texts.Share(entry.Segments[depth].Text), list = []);
                    }

                    list.Add(entry);
                    break;
            }
        }

        _literals = new PathBranches(literals.ToDictionary(p => p.Key, p => new PathTree(p.Value, depth + 1, texts), StringComparer.Ordinal));
        _parameter = parameters.Count == 0 ? null : new PathTree(parameters, depth + 1, texts);
        _here = Order(ended);
        _below = Order(below);
    }

    private PathTree(PathBranches literals, PathTree? parameter, ImmutableArray<CompiledRoute> here, ImmutableArray<CompiledRoute> below) =>
        (_literals, _parameter, _here, _below) = (literals, parameter, here, below);

    private bool IsEmpty => _literals.IsEmpty && _parameter is null && _here.IsEmpty && _below.IsEmpty;

    /// <summary>A tree with a route put in; the branches that it is not on are shared.</summary>
    public static PathTree With(PathTree? tree, CompiledRoute route) =>
        (tree ?? Nothing).Change(PathTemplate.Parse(route.Resource.Match.Path, out _)!.Value.AsSpan(), routes => Order([.. routes, route]))!;

    /// <summary>The tree without a route; null: it was the last.</summary>
    public PathTree? Without(RouteResource route) => Change(
        PathTemplate.Parse(route.Match.Path, out _)!.Value.AsSpan(),
        routes => routes.RemoveAll(known => string.Equals(known.Resource.Name, route.Name, StringComparison.Ordinal)));

    /// <summary>A copy in which one tree is another, or gone.</summary>
    public static Dictionary<string, PathTree> Replace(Dictionary<string, PathTree> trees, string name, Func<PathTree?, PathTree?> change)
    {
        var next = new Dictionary<string, PathTree>(trees, trees.Comparer);
        if (change(trees.GetValueOrDefault(name)) is { } tree)
        {
            next[name] = tree;
        }
        else
        {
            next.Remove(name);
        }

        return next;
    }

    /// <summary>Builds the tree of some routes.</summary>
    /// <param name="routes">Of one host.</param>
    /// <param name="texts">Where steps of many hosts have the same text.</param>
    public static PathTree Build(IEnumerable<CompiledRoute> routes, SharedTexts texts) =>
        new(routes.Select(r => new Entry(r, PathTemplate.Parse(r.Resource.Match.Path, out _)!.Value)), 0, texts);

    /// <summary>The routes of a template, whatever its parameters are called.</summary>
    public ImmutableArray<CompiledRoute> Beside(string path) => At(PathTemplate.Parse(path, out _)!.Value.AsSpan());

    /// <summary>All routes of the tree.</summary>
    public IEnumerable<CompiledRoute> All() => _here.Concat(_below).Concat(_literals.Trees.SelectMany(t => t.All())).Concat(_parameter?.All() ?? []);

    /// <summary>Finds a route; <paramref name="path"/> is what follows a slash, or null at the path's end.</summary>
    public CompiledRoute? Find<TRequest, TWitness>(ReadOnlySpan<char> path, bool ended, scoped in TRequest request, TWitness witness, ref ImmutableArray<string> allowed)
        where TRequest : struct, IRoutableRequest, allows ref struct
        where TWitness : struct, IRouteWitness
    {
        if (ended)
        {
            return First(_here, request, witness, ref allowed) ?? First(_below, request, witness, ref allowed);
        }

        var slash = path.IndexOf('/');
        var segment = slash < 0 ? path : path[..slash];
        var rest = slash < 0 ? default : path[(slash + 1)..];
        if (_literals.Find(segment) is { } literal
            && literal.Find(rest, slash < 0, request, witness, ref allowed) is { } byLiteral)
        {
            return byLiteral;
        }

        if (_parameter is not null && segment.Length > 0 && _parameter.Find(rest, slash < 0, request, witness, ref allowed) is { } byParameter)
        {
            return byParameter;
        }

        return First(_below, request, witness, ref allowed);
    }

    private ImmutableArray<CompiledRoute> At(ReadOnlySpan<PathTemplate.Segment> rest) =>
        rest.IsEmpty ? _here
        : rest[0].Type is PathTemplate.SegmentType.CatchAll ? _below
        : (rest[0].Type is PathTemplate.SegmentType.Parameter ? _parameter : _literals.Find(rest[0].Text))?.At(rest[1..]) ?? [];

    private PathTree? Change(ReadOnlySpan<PathTemplate.Segment> rest, Func<ImmutableArray<CompiledRoute>, ImmutableArray<CompiledRoute>> change)
    {
        var (literals, parameter, here, below) = (_literals, _parameter, _here, _below);
        if (rest.IsEmpty)
        {
            here = change(here);
        }
        else if (rest[0].Type is PathTemplate.SegmentType.CatchAll)
        {
            below = change(below);
        }
        else if (rest[0].Type is PathTemplate.SegmentType.Parameter)
        {
            parameter = (parameter ?? Nothing).Change(rest[1..], change);
        }
        else
        {
            literals = literals.With(rest[0].Text, (literals.Find(rest[0].Text) ?? Nothing).Change(rest[1..], change));
        }

        var tree = new PathTree(literals, parameter, here, below);
        return tree.IsEmpty ? null : tree;
    }

    private static CompiledRoute? First<TRequest, TWitness>(ImmutableArray<CompiledRoute> candidates, scoped in TRequest request, TWitness witness, ref ImmutableArray<string> allowed)
        where TRequest : struct, IRoutableRequest, allows ref struct
        where TWitness : struct, IRouteWitness
    {
        foreach (var candidate in candidates)
        {
            var match = candidate.Resource.Match;
            var hasAll = HasAll(candidate, request, witness);
            var takesMethod = match.Methods.IsEmpty || match.Methods.Contains(request.Method, StringComparer.Ordinal);
            if (!takesMethod)
            {
                witness.Misses(candidate, RouteCondition.Method, null, match.Methods);
            }

            if (!hasAll)
            {
                continue;
            }

            if (takesMethod)
            {
                witness.Fits(candidate);
                if (!TWitness.SeesAll)
                {
                    return candidate;
                }
            }
            else
            {
                allowed = allowed.IsEmpty ? match.Methods : [.. allowed.Union(match.Methods, StringComparer.Ordinal)];
            }
        }

        return null;
    }

    private static bool HasAll<TRequest, TWitness>(CompiledRoute candidate, scoped in TRequest request, TWitness witness)
        where TRequest : struct, IRoutableRequest, allows ref struct
        where TWitness : struct, IRouteWitness
    {
        var hasAll = true;
        foreach (var header in candidate.Headers)
        {
            if (!request.HasHeader(header))
            {
                witness.Misses(candidate, RouteCondition.Header, header.Name, header.Asked);
                if (!TWitness.SeesAll)
                {
                    return false;
                }

                hasAll = false;
            }
        }

        foreach (var parameter in candidate.Query)
        {
            if (!request.HasQuery(parameter))
            {
                witness.Misses(candidate, RouteCondition.Query, parameter.Name, parameter.Asked);
                if (!TWitness.SeesAll)
                {
                    return false;
                }

                hasAll = false;
            }
        }

        if (candidate.When is { } when && !when.Holds(request))
        {
            witness.Misses(candidate, RouteCondition.Flag, when.Asked.Flag, [when.Asked.Is.ToString()]);
            hasAll = false;
        }

        return hasAll;
    }

    // As the Gateway API's HTTPRoute has it: by method, then by the number of headers, then of parameters; one that asks for a flag before one that does not.
    private static ImmutableArray<CompiledRoute> Order(IEnumerable<CompiledRoute> routes) =>
    [
        .. routes
            .OrderBy(r => r.Resource.Match.Methods.IsEmpty)
            .ThenByDescending(r => r.Headers.Length)
            .ThenByDescending(r => r.Query.Length)
            .ThenBy(r => r.Resource.Match.When is null)
            .ThenBy(r => r.Resource.Name, StringComparer.Ordinal),
    ];

    private readonly record struct Entry(CompiledRoute Route, ImmutableArray<PathTemplate.Segment> Segments);
}
