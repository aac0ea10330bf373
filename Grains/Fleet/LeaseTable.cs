using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>
/// The live edges of a workspace and when each one's right to admit has certainly ended. Plain rules over a monotonic time that the caller gives;
/// they are described in docs/reload.md.
/// </summary>
/// <param name="terms">How long leases last.</param>
public sealed class LeaseTable(LeaseTerms terms)
{
    private readonly Dictionary<string, Entry> _edges = new(StringComparer.Ordinal);

    /// <summary>
    /// An edge's renewal arrived, or its grant is about to be given: it is listed until its lease has ended. The edge counts from before it asked, so
    /// the lease as counted from here ends later. True when the edge was not listed before.
    /// </summary>
    public bool Renew(EdgeReport report, TimeSpan now, DateTimeOffset at)
    {
        var listed = IsLive(report.Hello.Edge, now);
        _edges[report.Hello.Edge] = new Entry(report, listed ? _edges[report.Hello.Edge].Since : at, now + terms.Wait);
        return !listed;
    }

    /// <summary>An edge said that it admits no more. True when it was listed.</summary>
    public bool Leave(string edge) => _edges.Remove(edge);

    /// <summary>Takes out the edges whose lease has ended.</summary>
    public ImmutableArray<string> TakeLapsed(TimeSpan now)
    {
        ImmutableArray<string> lapsed = [.. _edges.Where(e => e.Value.Ends <= now).Select(e => e.Key).Order(StringComparer.Ordinal)];
        foreach (var edge in lapsed)
        {
            _edges.Remove(edge);
        }

        return lapsed;
    }

    /// <summary>Whether an edge's lease has not ended.</summary>
    public bool IsLive(string edge, TimeSpan now) => _edges.TryGetValue(edge, out var known) && known.Ends > now;

    /// <summary>The edges whose lease has not ended, ordered by id.</summary>
    public ImmutableArray<EdgeStatus> Live(TimeSpan now) =>
    [
        .. _edges.Values.Where(e => e.Ends > now)
            .OrderBy(e => e.Report.Hello.Edge, StringComparer.Ordinal)
            .Select(e => new EdgeStatus(e.Report, e.Since, e.Ends - now)),
    ];

    private sealed record Entry(EdgeReport Report, DateTimeOffset Since, TimeSpan Ends);
}
