using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.InteropServices;
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
        UsageName = $"route/{resource.Name}";
        _shares = new Shares(resource.Split.Select(p => p.Weight));
        _seed = (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(resource.Name.AsSpan()));
    }

    /// <summary>As declared.</summary>
    public RouteResource Resource { get; }

    /// <summary>How the route is called in usage records.</summary>
    public string UsageName { get; }

    /// <summary>The upstream of each part of the split, in declared order.</summary>
    public ImmutableArray<UpstreamResource> Parts { get; }

    /// <summary>The index in <see cref="Parts"/> by weight; <paramref name="chance"/> from 0 to below 1.</summary>
    public int Choose(double chance) => _shares.At(chance);

    /// <summary>
    /// The chance from 0 to below 1 for a sticky value: the same for the same route and value, on every edge and under every revision. As the parts lie in declared order,
    /// a grown part takes users only from its neighbours: with two parts, only from the one that shrank.
    /// </summary>
    public double ChanceOf(ReadOnlySpan<char> stickyValue) => (XxHash3.HashToUInt64(MemoryMarshal.AsBytes(stickyValue), _seed) >> 11) * (1.0 / (1UL << 53));
}

/// <summary>Divides the interval from 0 to 1 by weights.</summary>
internal sealed class Shares
{
    private readonly long[] _ends;

    public Shares(IEnumerable<int> weights)
    {
        var sum = 0L;
        _ends = [.. weights.Select(w => sum += w)];
    }

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
