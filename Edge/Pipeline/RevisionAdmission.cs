using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Memory;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Which revision a request begins with. While the edge's lease holds, it is no older than any that a publish has returned before the request came. Without the
/// lease the last known good serves on and says <c>sluice-stale: true</c>, or nothing is served, as the workspace or this edge is set up. Nothing is while memory is full. See docs/reload.md.
/// </summary>
internal sealed class RevisionAdmission(ActiveRevision active, RevisionFollower follower, MemoryWatch memory, EdgeOptions options, TimeProvider time)
{
    private const string LeastHeader = "sluice-min-revision";
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Whether a request that comes now is served, perhaps after it has waited for a commit.</summary>
    public bool IsServing => TryAdmit() is not { Revision: null };

    /// <summary>The revision, or why there is none. Answers at once unless the request asks for a revision that is not active yet, or a commit is about to be made in a strict workspace.</summary>
    public ValueTask<Admitted> AdmitAsync(HttpContext http)
    {
        if (memory.IsFull)
        {
            return ValueTask.FromResult(Refuse(http));
        }

        var least = http.Request.Headers[LeastHeader];
        return least.Count > 0 ? ReachAsync(http, least.ToString())
            : TryAdmit() is { } admitted ? ValueTask.FromResult(admitted)
            : WaitAsync(http, least: 0, wanted: "");
    }

    // What it would send is not read, and its next request may reach another edge.
    private Admitted Refuse(HttpContext http)
    {
        Answers.Close(http);
        return new Admitted(null, false, memory.Refuse());
    }

    private static ClientError Unavailable(string message) => new(503, message, "service_unavailable", RetryAfter: Soon);

    // Null: the request is held.
    private Admitted? TryAdmit()
    {
        var (revision, staleFor, isHeld) = active.Admit();
        if (isHeld)
        {
            return null;
        }

        if (revision is null)
        {
            return new Admitted(null, false, Unavailable("This edge has no configuration yet."));
        }

        return staleFor is not { } stale ? new Admitted(revision, false, null)
            : StaleServing.Allows(options, revision.Plan.Workspace, stale) ? new Admitted(revision, true, null)
            : new Admitted(null, false, Unavailable("This edge has lost its silos and cannot know whether its configuration is still right."));
    }

    private ValueTask<Admitted> ReachAsync(HttpContext http, string wanted) => TryRead(wanted, out var least)
        ? WaitAsync(http, least, wanted)
        : ValueTask.FromResult(new Admitted(null, false, new ClientError(
            400, $"{LeastHeader} must be '{options.Workspace}@' and a revision's number, as sluice-revision tells it.", "invalid_request")));

    private async ValueTask<Admitted> WaitAsync(HttpContext http, long least, string wanted)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var advanced = active.Advanced;
            var tried = TryAdmit();
            if (tried is { } admitted)
            {
                if (admitted.Revision is null || admitted.Revision.Head.Revision >= least)
                {
                    return admitted;
                }

                follower.Poke();
            }

            if (WaitBound - time.GetElapsedTime(start) is not { Ticks: > 0 } rest)
            {
                return new Admitted(null, false, Unavailable(tried is { Revision: { } revision }
                    ? $"This edge is at {revision.Label} and has not reached {wanted} in time."
                    : "A change is being committed, and this edge has not heard in time what became of it."));
            }

            await advanced.WaitAsync(rest, time, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            http.RequestAborted.ThrowIfCancellationRequested();
        }
    }

    private bool TryRead(string wanted, out long least)
    {
        var at = wanted.IndexOf('@', StringComparison.Ordinal);
        least = 0;
        return at > 0 && wanted.AsSpan(0, at).SequenceEqual(options.Workspace)
            && long.TryParse(wanted.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out least);
    }
}

/// <summary>A revision or an error.</summary>
/// <param name="IsStale">The edge cannot know whether a newer revision is active elsewhere.</param>
internal readonly record struct Admitted(EdgeRevision? Revision, bool IsStale, ClientError? Error);
