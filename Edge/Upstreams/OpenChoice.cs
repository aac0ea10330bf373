using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Chooses among those of an upstream's addresses that may be chosen. Plain rules, on what is given.</summary>
internal static class OpenChoice
{
    /// <summary>The index of one that is open; -1: none is.</summary>
    /// <param name="how">How.</param>
    /// <param name="isOpen">Which may be chosen.</param>
    /// <param name="loads">Requests under way at each.</param>
    /// <param name="turn">Grows by one with each choice.</param>
    /// <param name="first">From 0 to below 1.</param>
    /// <param name="second">From 0 to below 1, independent of the first.</param>
    public static int Choose(LoadBalancing how, ReadOnlySpan<bool> isOpen, ReadOnlySpan<int> loads, uint turn, double first, double second)
    {
        var count = isOpen.Count(true);
        if (count == 0)
        {
            return -1;
        }

        return how switch
        {
            LoadBalancing.RoundRobin => At(isOpen, (int)(turn % count)),
            LoadBalancing.Random => At(isOpen, (int)(first * count)),
            LoadBalancing.LeastRequests => Least(isOpen, loads),
            _ => Lesser(loads, At(isOpen, (int)(first * count)), At(isOpen, (int)(second * count))),
        };
    }

    private static int At(ReadOnlySpan<bool> isOpen, int index)
    {
        var i = 0;
        while (!isOpen[i] || index-- > 0)
        {
            i++;
        }

        return i;
    }

    private static int Least(ReadOnlySpan<bool> isOpen, ReadOnlySpan<int> loads)
    {
        var least = At(isOpen, 0);
        for (var i = least + 1; i < loads.Length; i++)
        {
            least = isOpen[i] ? Lesser(loads, least, i) : least;
        }

        return least;
    }

    private static int Lesser(ReadOnlySpan<int> loads, int a, int b) => loads[a] <= loads[b] ? a : b;
}
