using Sluice.Grains.Interfaces;

namespace Sluice.Edge;

/// <summary>Settings of an edge, section <c>Sluice:Edge</c> of the configuration; validated at start, all errors at once.</summary>
public sealed record EdgeOptions
{
    /// <summary>The port for clients, HTTP/1.1; 0 takes a free one. Default 8080.</summary>
    public int Http { get; init; } = 8080;

    /// <summary>The address to listen on. Default: all of the machine.</summary>
    public string Listen { get; init; } = "0.0.0.0";

    /// <summary>The port for <c>/healthz/live</c> and <c>/healthz/ready</c>, loopback only; 0 takes a free one. Default 9090.</summary>
    public int Ops { get; init; } = 9090;

    /// <summary>
    /// Whether an edge that has lost its silos serves on from what it knows, each answer marked <c>sluice-stale: true</c>; else it answers 503. Keys are never taken
    /// from what may be stale. Default true.
    /// </summary>
    public bool ServeStale { get; init; } = true;

    /// <summary>For how long it serves on; null: as long as it takes.</summary>
    public TimeSpan? MaxStale { get; init; }

    /// <summary>For how long an edge that was asked to end says that it is not ready and serves on, so that whoever balances in front of it takes it out. Null: 5 s, and not at all with <c>sluice up</c>.</summary>
    public TimeSpan? DrainDelay { get; init; }

    /// <summary>How long requests under way may then take to end. Default 60 s.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The workspace that this edge serves.</summary>
    public string Workspace { get; init; } = GrainKeys.DefaultWorkspace;
}
