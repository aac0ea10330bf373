namespace Sluice.Grains.Interfaces.Metrics;

/// <summary>Whose spans make up a trace.</summary>
public static class TraceSources
{
    /// <summary>Requests of clients and their steps.</summary>
    public const string Edge = "Sluice.Edge";

    /// <summary>Calls of the admin API, and publishes.</summary>
    public const string Silo = "Sluice.Silo";

    /// <summary>All of them: ours, and Orleans' own for calls of grains.</summary>
    public static IReadOnlyList<string> All { get; } = [Edge, Silo, "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Storage"];

    /// <summary>The tag by which a span is known whose sampling was decided before it was made.</summary>
    public const string Decided = "http.request.method";
}
