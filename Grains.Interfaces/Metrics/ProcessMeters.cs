namespace Sluice.Grains.Interfaces.Metrics;

/// <summary>The meters of a process that are not Sluice's own.</summary>
public static class ProcessMeters
{
    private const string Runtime = "System.Runtime";
    private const string Orleans = "Microsoft.Orleans";

    /// <summary>Memory, collections, threads and exceptions of .NET; messages, calls and activations of Orleans.</summary>
    public static IReadOnlyList<string> Names { get; } = [Runtime, Orleans];

    /// <summary>Whether a meter is one of these.</summary>
    public static bool Has(string name) => name is Runtime or Orleans;
}
