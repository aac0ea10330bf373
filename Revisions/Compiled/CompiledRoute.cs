using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>A route ready to run.</summary>
public sealed class CompiledRoute
{
    private readonly Shares _shares;
    private readonly long _seed;

    public CompiledRoute(RouteResource resource, ImmutableArray<UpstreamResource> parts)
    {
        Resource = resource;
        Parts = parts;
        _shares = Shares.Of(resource.Split);
        _seed = StableChance.Seed(resource.Name);
        Headers = [.. resource.Match.Headers.Select(h => new ValueTest(h))];
        Query = [.. resource.Match.Query.Select(q => new ValueTest(q))];
        Transforms = resource.Transforms is { } transforms ? new CompiledTransforms(transforms, resource.Match.Path) : null;
        Redirect = resource.Redirect is { } redirect ? new CompiledRedirect(redirect, resource.Match.Path) : null;
        Validation = resource.Validation is { } validation ? new CompiledValidation(validation, resource.Match.Path) : null;
        LogBodies = resource.LogBodies is { } logging ? new CompiledBodyLogging(logging) : null;
        Cors = resource.Cors is { } cors ? new CompiledCors(cors, resource.Match.Methods) : null;
    }

    /// <summary>As declared.</summary>
    public RouteResource Resource { get; }

    /// <summary>To whom and for how long it is offered; null: to everybody, without more.</summary>
    public Offer? Offer { get; init; }

    /// <summary>Who is sent copies of requests; empty: nobody.</summary>
    public ImmutableArray<CompiledMirror> Mirrors { get; init; } = [];

    /// <summary>What keeps its answers; null: nothing.</summary>
    public CacheResource? Cache { get; init; }

    /// <summary>What the route asks of headers.</summary>
    public ImmutableArray<ValueTest> Headers { get; }

    /// <summary>What the route asks of a flag; null: nothing.</summary>
    public FlagTest? When { get; init; }

    /// <summary>What the route asks of query parameters.</summary>
    public ImmutableArray<ValueTest> Query { get; }

    /// <summary>What is changed on the way there and back; null: nothing.</summary>
    public CompiledTransforms? Transforms { get; }

    /// <summary>Where the client is sent; null: nowhere.</summary>
    public CompiledRedirect? Redirect { get; }

    /// <summary>What requests must carry; null: anything.</summary>
    public CompiledValidation? Validation { get; }

    /// <summary>Which bodies of its calls are kept; null: none.</summary>
    public CompiledBodyLogging? LogBodies { get; }

    /// <summary>Which pages of other origins may call it; null: the upstream says so.</summary>
    public CompiledCors? Cors { get; }

    /// <summary>Whether the route answers by itself, and has no parts.</summary>
    public bool Answers => Parts.IsEmpty;

    /// <summary>How the route is called in usage records; made when it is first called.</summary>
    public string UsageName => field ??= $"route/{Resource.Name}";

    /// <summary>The upstream of each part of the split, in declared order.</summary>
    public ImmutableArray<UpstreamResource> Parts { get; }

    /// <summary>Each part's share of what is decided by chance, from 0 to 1, in declared order.</summary>
    public ImmutableArray<double> PartShares => _shares.Each;

    /// <summary>The value that keeps a request on its part; null: the part is decided by chance.</summary>
    /// <param name="request">The request.</param>
    /// <param name="user">The user of the caller's key; null where there is none, or no key is asked for.</param>
    /// <param name="keyId">The id of the caller's key; null where no key is asked for.</param>
    public string? StickyValueOf<TRequest>(scoped in TRequest request, string? user, string? keyId)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        var value = Resource.Sticky switch
        {
            { By: StickyBy.Header, Name: { } name } => request.Header(name),
            { By: StickyBy.Cookie, Name: { } name, Issue: null } => request.Cookie(name),
            { By: StickyBy.Cookie, Name: { } name } => IssuedId.Of(request.Cookie(name)),
            { By: StickyBy.Subject } => user ?? keyId,
            _ => null,
        };
        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>The index in <see cref="Parts"/> by weight; <paramref name="chance"/> from 0 to below 1.</summary>
    public int Choose(double chance) => _shares.At(chance);

    /// <summary>
    /// The chance from 0 to below 1 for a sticky value: the same for the same route and value, on every edge and under every revision. As the parts lie in declared order,
    /// a grown part takes users only from its neighbours: with two parts, only from the one that shrank.
    /// </summary>
    public double ChanceOf(ReadOnlySpan<char> stickyValue) => StableChance.Of(stickyValue, _seed);
}

/// <summary>Who is sent a copy of some requests.</summary>
/// <param name="Upstream">To whom.</param>
/// <param name="Share">Of the route's requests, above 0 to 1.</param>
public readonly record struct CompiledMirror(UpstreamResource Upstream, double Share);

/// <summary>Divides the interval from 0 to 1 by weights.</summary>
internal sealed class Shares
{
    private static readonly Shares Whole = new([1]);
    private readonly long[] _ends;

    public Shares(IEnumerable<int> weights)
    {
        var sum = 0L;
        _ends = [.. weights.Select(w => sum += w)];
    }

    /// <summary>Those of a split; most have one part.</summary>
    public static Shares Of(ImmutableArray<SplitPart> split) => split.Length == 1 ? Whole : new Shares(split.Select(part => part.Weight));

    /// <summary>How much of the interval each part has.</summary>
    public ImmutableArray<double> Each => [.. _ends.Select((end, i) => (double)(end - (i == 0 ? 0 : _ends[i - 1])) / _ends[^1])];

    /// <summary>The index of the part in which <paramref name="chance"/> lies.</summary>
    public int At(double chance)
    {
        var point = (long)(chance * _ends[^1]);
        var i = 0;
        while (_ends[i] <= point)
        {
            i++;
        }

        return i;
    }
}
