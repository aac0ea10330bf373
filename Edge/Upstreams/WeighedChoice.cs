using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Chooses among addresses of different weight. Plain rules, on what is given.</summary>
internal static class WeighedChoice
{
    // Its multiples fall evenly into the interval from 0 to 1, however many are taken: turns in proportion, without a lock.
    private const double GoldenRatio = 0.618033988749894848;

    /// <summary>The index of one whose weight is above 0; -1: there is none.</summary>
    /// <param name="how">How; a hash is looked for elsewhere, and here by chance.</param>
    /// <param name="weights">0: not to be chosen.</param>
    /// <param name="loads">Requests under way at each.</param>
    /// <param name="turn">Grows by one with each choice.</param>
    /// <param name="first">From 0 to below 1.</param>
    /// <param name="second">From 0 to below 1, independent of the first.</param>
    public static int Choose(LoadBalancing how, ReadOnlySpan<double> weights, ReadOnlySpan<int> loads, uint turn, double first, double second) => how switch
    {
        LoadBalancing.RoundRobin => At(weights, turn * GoldenRatio % 1),
        LoadBalancing.Random or LoadBalancing.Hash => At(weights, first),
        LoadBalancing.LeastRequests => Least(weights, loads, At(weights, first)),
        _ => Lesser(weights, loads, At(weights, first), At(weights, second)),
    };

    /// <summary>The index in whose share of all weights a point lies; -1: no weight is above 0.</summary>
    public static int At(ReadOnlySpan<double> weights, double point)
    {
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var (rest, found) = (point * sum, -1);
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0)
            {
                continue;
            }

            found = i;
            rest -= weights[i];
            if (rest < 0)
            {
                break;
            }
        }

        return found;
    }

    private static int Least(ReadOnlySpan<double> weights, ReadOnlySpan<int> loads, int from)
    {
        var least = from;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0 && loads[i] / weights[i] < loads[least] / weights[least])
            {
                least = i;
            }
        }

        return least;
    }

    private static int Lesser(ReadOnlySpan<double> weights, ReadOnlySpan<int> loads, int a, int b) =>
        a < 0 || loads[a] / weights[a] <= loads[b] / weights[b] ? a : b;
}
