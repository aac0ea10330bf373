namespace Sluice.Edge.Configuration;

/// <summary>Whether the edge's way to its silos has been opened: it serves before, from what it kept.</summary>
/// <param name="Opened">Ends once it was; fails where it cannot be.</param>
public sealed record SiloConnection(Task Opened)
{
    /// <summary>Open from the start.</summary>
    public static SiloConnection Open { get; } = new(Task.CompletedTask);
}
