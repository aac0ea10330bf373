namespace Sluice.Grains.Interfaces.Metrics;

/// <summary>The meters of a process that are not Sluice's own.</summary>
public static class ProcessMeters
{
    private const string Runtime = "System.Runtime";
    private const string Orleans = "Microsoft.Orleans";

    /// <summary>Memory, collections, threads and exceptions of .NET; messages, calls and activations of Orleans.</summary>
    public static IReadOnlyList<string> Names { get; } = [Runtime, Orleans];

    /// <summary>So many series an instrument of these has at most; what is beyond is told as one series more. Room for all of them is made at the start, and .NET's own bound of 2,000 would take 170 KB of memory for each of some 200 instruments.</summary>
    public const int MostSeries = 250;

    /// <summary>Whether a meter is one of these.</summary>
    public static bool Has(string name) => name is Runtime or Orleans;
}
