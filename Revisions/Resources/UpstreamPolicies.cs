using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>When a request is sent to an upstream again. See docs/upstreams.md.</summary>
/// <param name="Attempts">All attempts at one request, 2 to 5. Default 3.</param>
/// <param name="On">After which failures.</param>
/// <param name="Budget">The most attempts again, in percent of the requests of the last ten seconds; ten are always allowed. Default 20.</param>
/// <param name="TryTimeout">Bounds each attempt's wait for the answer's head; null: <c>timeouts.firstByte</c> alone, which bounds all attempts together.</param>
public sealed record RetryPolicy(int Attempts, RetryTriggers On, int Budget, TimeSpan? TryTimeout);

/// <summary>Failures after which a request is sent again.</summary>
/// <param name="Connect">There was no connection to be had: nothing was sent.</param>
/// <param name="Reset">The connection ended, or its bytes could not be trusted, before the answer's head was there.</param>
/// <param name="Timeout">The answer's head did not come in time.</param>
/// <param name="Statuses">Statuses of answers: 408, 425, 429, 500 to 599.</param>
public sealed record RetryTriggers(bool Connect, bool Reset, bool Timeout, ImmutableArray<int> Statuses)
{
    /// <summary>What holds where nothing is declared.</summary>
    public static RetryTriggers Default { get; } = new(Connect: true, Reset: true, Timeout: false, [502, 503, 504]);
}

/// <summary>When an address that fails its requests is left out for a time. See docs/upstreams.md.</summary>
/// <param name="InARow">Failures in a row that eject, 1 to 1,000. Default 5.</param>
/// <param name="Share">The share of failures within <paramref name="Interval"/> that ejects, in percent. Default 50.</param>
/// <param name="Requests">Answers within <paramref name="Interval"/> below which the share says nothing. Default 20.</param>
/// <param name="Interval">In which the share is counted. Default 10 s.</param>
/// <param name="Time">The first ejection; the second takes twice as long, the third thrice. Default 5 s.</param>
/// <param name="Longest">The longest ejection. Default 5 min.</param>
/// <param name="Most">The most addresses that are ejected at a time, in percent; one always may, and never all. Default 50.</param>
/// <param name="Panic">Where fewer addresses than these percent are well, all are used. Default 30.</param>
public sealed record EjectionPolicy(int InARow, int Share, int Requests, TimeSpan Interval, TimeSpan Time, TimeSpan Longest, int Most, int Panic);

/// <summary>How much of an edge's work an upstream may hold at a time. See docs/upstreams.md.</summary>
/// <param name="MaxRequests">Requests under way from this edge; null: not bounded.</param>
/// <param name="MaxPending">Requests that may wait for one of these to end, for at most <c>timeouts.connect</c>. Default 0.</param>
/// <param name="MaxConnections">Connections in use to each address; null: not bounded. Only with HTTP/1.1, where each request under way has one.</param>
public sealed record CircuitPolicy(int? MaxRequests, int MaxPending, int? MaxConnections);
