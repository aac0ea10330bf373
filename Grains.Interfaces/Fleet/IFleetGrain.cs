using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Interfaces.Fleet;

/// <summary>
/// The edges of one workspace and their leases, as edges use it; its key is the workspace's name. It promises that every grant carries a head read after the
/// renewal arrived, and is given to an edge that is in the head's durable set. The protocol is described in docs/reload.md.
/// </summary>
[Alias("sluice.fleet")]
public interface IFleetGrain : IEdgeFleetGrain
{
    /// <summary>The edges whose lease has not ended.</summary>
    [Alias("edges")]
    Task<ImmutableArray<EdgeStatus>> GetEdgesAsync();
}

/// <summary>What an edge may ask of an <see cref="IFleetGrain"/>.</summary>
[EdgeCallable, Alias("sluice.fleet-edge")]
public interface IEdgeFleetGrain : IGrainWithStringKey
{
    /// <summary>An edge begins: it is listed, and told what it needs to serve.</summary>
    [Alias("register")]
    Task<EdgeRegistration> RegisterAsync(EdgeHello hello);

    /// <summary>Renews an edge's lease. An edge that is not listed is registered anew.</summary>
    [Alias("renew")]
    Task<LeaseGrant> RenewAsync(EdgeReport report);

    /// <summary>
    /// Ends as soon as there are other news than those that were seen, or after a second. News only makes edges quick: nothing rests on them but the one thing that an
    /// edge says by having seen them: that it holds for <see cref="FleetNews.Hold"/>.
    /// </summary>
    [Alias("watch")]
    Task<FleetNews> WatchAsync(string edge, FleetNews seen);

    /// <summary>An edge tells how far it has come; it never goes back.</summary>
    /// <param name="edge">The edge's id.</param>
    /// <param name="active">What it runs.</param>
    /// <param name="applied">All changes up to this number are applied.</param>
    [Alias("acknowledge")]
    Task AcknowledgeAsync(string edge, Head active, long applied);

    /// <summary>An edge has compiled a candidate beside what it runs, or refuses it.</summary>
    /// <param name="edge">The edge's id.</param>
    /// <param name="hash">The candidate's hash.</param>
    /// <param name="refusal">Null: it is ready to be swapped in.</param>
    [Alias("prepared")]
    Task PreparedAsync(string edge, string hash, EdgeRefusal? refusal);

    /// <summary>
    /// Whoever holds for a candidate has waited too long for news of it: where it is not committed yet, it never will be. Answers the head to which edges may go on.
    /// </summary>
    [Alias("release")]
    Task<Head> ReleaseAsync(Head candidate);

    /// <summary>An edge ends in good order: it admits no more, and its id is never used again.</summary>
    [Alias("leave")]
    Task LeaveAsync(string edge);
}

/// <summary>How an edge introduces itself.</summary>
/// <param name="Edge">An id of this start of the edge, never used again: sorts by time.</param>
/// <param name="Address">Where it listens, for people: <c>http://127.0.0.1:8080</c>.</param>
/// <param name="Version">The program's version.</param>
[GenerateSerializer, Immutable, Alias("sluice.edge-hello")]
public sealed record EdgeHello([property: Id(0)] string Edge, [property: Id(1)] string Address, [property: Id(2)] string Version);

/// <summary>What an edge needs to begin.</summary>
/// <param name="Peppers">The peppers under which keys are stored, newest first. Secret: memory only.</param>
[GenerateSerializer, Immutable, Alias("sluice.edge-registration")]
public sealed record EdgeRegistration([property: Id(0)] LeaseGrant Grant, [property: Id(1)] ImmutableArray<Pepper> Peppers);

/// <summary>A pepper: the key of HMAC-SHA-256 over clients' keys. Its text form is masked.</summary>
[GenerateSerializer, Immutable, Alias("sluice.pepper")]
public sealed record Pepper([property: Id(0)] int Version, [property: Id(1)] byte[] Value)
{
    public override string ToString() => $"pepper {Version} ***";
}

/// <summary>What an edge tells at each renewal.</summary>
/// <param name="RequestsPerSecond">Since the last renewal.</param>
/// <param name="InFlight">Requests being served.</param>
/// <param name="Fault">Why the edge could not activate the head, or null.</param>
/// <param name="Applied">All changes up to this number are applied.</param>
/// <param name="InUse">The revisions that its requests run under; null: the edge does not tell.</param>
[GenerateSerializer, Immutable, Alias("sluice.edge-report")]
public sealed record EdgeReport(
    [property: Id(0)] EdgeHello Hello,
    [property: Id(1)] Head Active,
    [property: Id(2)] double RequestsPerSecond,
    [property: Id(3)] int InFlight,
    [property: Id(4)] string? Fault,
    [property: Id(5)] long Applied = 0,
    [property: Id(6)] RevisionUse? InUse = null);

/// <summary>What edges hear of by a call that is held open.</summary>
/// <param name="Head">The last head that the fleet knows of: it was committed.</param>
/// <param name="LastChange">The number of the last change that it knows of.</param>
/// <param name="Candidate">What is to be prepared now, or null.</param>
/// <param name="Hold">In a strict workspace: the head that is about to be committed. Until an edge runs a head that has reached it, it admits nothing. Or null.</param>
/// <param name="Calls">Which calls edges are to tell, or null.</param>
[GenerateSerializer, Immutable, Alias("sluice.fleet-news")]
public sealed record FleetNews(
    [property: Id(0)] Head Head,
    [property: Id(1)] long LastChange,
    [property: Id(2)] CandidateKey? Candidate,
    [property: Id(3)] Head? Hold = null,
    [property: Id(4)] CallsWanted? Calls = null)
{
    /// <summary>Nothing yet.</summary>
    public static FleetNews None { get; } = new(HeadOrder.Nothing, 0, null);
}

/// <summary>The right to admit requests for <paramref name="Length"/>, counted by the edge from before it asked.</summary>
/// <param name="Head">The head, read after the renewal arrived.</param>
/// <param name="LastChange">The number of the last change of the workspace.</param>
/// <param name="Required">The grant counts only once the edge has applied all changes up to this number, and runs <paramref name="Head"/>.</param>
[GenerateSerializer, Immutable, Alias("sluice.lease-grant")]
public sealed record LeaseGrant(
    [property: Id(0)] TimeSpan Length, [property: Id(1)] Head Head, [property: Id(2)] long LastChange, [property: Id(3)] long Required = 0);

/// <summary>Why an edge cannot run a candidate.</summary>
/// <param name="Code"><c>hash</c>, <c>compile</c> or <c>defect</c>.</param>
/// <param name="Path">The resource and field, where it is known; else empty.</param>
/// <param name="Message">What is wrong, never with a secret.</param>
[GenerateSerializer, Immutable, Alias("sluice.edge-refusal")]
public sealed record EdgeRefusal([property: Id(0)] string Code, [property: Id(1)] string Path, [property: Id(2)] string Message);

/// <summary>A live edge.</summary>
[GenerateSerializer, Immutable, Alias("sluice.edge-status")]
public sealed record EdgeStatus([property: Id(0)] EdgeReport Report, [property: Id(1)] DateTimeOffset Since, [property: Id(2)] TimeSpan LeaseLeft);
