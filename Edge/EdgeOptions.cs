using System.Net;
using Sluice.Grains.Interfaces;

namespace Sluice.Edge;

/// <summary>Settings of an edge, section <c>Sluice:Edge</c> of the configuration; validated at start, all errors at once.</summary>
public sealed record EdgeOptions
{
    /// <summary>The port for clients, HTTP/1.1; 0 takes a free one. Default 8080.</summary>
    public int Http { get; init; } = 8080;

    /// <summary>The address to listen on. Default: all of the machine.</summary>
    public string Listen { get; init; } = "0.0.0.0";

    /// <summary>The port for <c>/healthz/live</c> and <c>/healthz/ready</c>; 0 takes a free one. Default 9090.</summary>
    public int Ops { get; init; } = 9090;

    /// <summary>The address of <see cref="Ops"/>. Default: loopback. What is there is for the operator's network, not for clients.</summary>
    public string ListenOps { get; init; } = "127.0.0.1";

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

    /// <summary>All that is wrong with addresses and ports; empty where all is right.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        foreach (var (name, address) in new[] { (nameof(Listen), Listen), (nameof(ListenOps), ListenOps) })
        {
            if (!IPAddress.TryParse(address, out _))
            {
                errors.Add($"Edge:{name} must be an IP address such as 0.0.0.0 or 127.0.0.1, is '{address}'");
            }
        }

        foreach (var (name, port) in new[] { (nameof(Http), Http), (nameof(Ops), Ops) })
        {
            if (port is < 0 or > IPEndPoint.MaxPort)
            {
                errors.Add(FormattableString.Invariant($"Edge:{name} must be 0 to {IPEndPoint.MaxPort}, is {port}"));
            }
        }

        // Requests of clients and of the operator are told apart by the port that they came to.
        if (Http != 0 && Http == Ops)
        {
            errors.Add(FormattableString.Invariant($"Edge:Http and Edge:Ops must differ: {Http} is there twice"));
        }

        return errors;
    }
}
