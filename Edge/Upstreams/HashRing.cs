using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Sluice.Edge.Upstreams;

/// <summary>
/// Consistent hashing over addresses: each has points on a ring in proportion to its weight, and a value belongs to the next point whose address may be used. An address that comes
/// takes its own share and moves nothing else; one that goes, or is not well, leaves its share to others. The same on every edge. Bounded: at most <see cref="MostPoints"/> points of
/// the heaviest address, and fewer where there are very many.
/// </summary>
internal sealed class HashRing
{
    /// <summary>Points of the address with the greatest weight: shares are right within some percent.</summary>
    public const int MostPoints = 256;

    private const int LeastPoints = 16;
    private const int MostInAll = 262_144;
    private readonly ulong[] _points;
    private readonly int[] _owners;

    /// <summary>Over addresses by their text.</summary>
    /// <param name="addresses">At least one, none twice.</param>
    /// <param name="weights">Of each, 1 at least.</param>
    public HashRing(IReadOnlyList<string> addresses, IReadOnlyList<int> weights)
    {
        var heaviest = weights.Max();
        var most = Math.Clamp(MostInAll / addresses.Count, LeastPoints, MostPoints);
        var points = new List<(ulong Point, int Owner)>(addresses.Count * most);
        for (var owner = 0; owner < addresses.Count; owner++)
        {
            var count = Math.Max(1, (int)((long)most * weights[owner] / heaviest));
            for (var i = 0; i < count; i++)
            {
                points.Add((XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{addresses[owner]}#{i}"))), owner));
            }
        }

        points.Sort();
        _points = [.. points.Select(p => p.Point)];
        _owners = [.. points.Select(p => p.Owner)];
    }

    /// <summary>Where a value lies.</summary>
    public static ulong PointOf(ReadOnlySpan<char> value) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(value));

    /// <summary>The index of the address that a value belongs to, of those that may be used; -1: there is none.</summary>
    public int Find(ulong point, ReadOnlySpan<bool> isOpen)
    {
        if (!isOpen.Contains(true))
        {
            return -1;
        }

        var at = Array.BinarySearch(_points, point);
        at = at < 0 ? ~at : at;
        while (!isOpen[_owners[at % _owners.Length]])
        {
            at++;
        }

        return _owners[at % _owners.Length];
    }
}
