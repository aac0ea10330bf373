using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Which revision a request begins with. While the edge's lease holds, it is no older than any that a publish has returned before the request came. Without the
/// lease the last known good serves on and says <c>sluice-stale: true</c>, or nothing is served, as the edge is set up. See docs/reload.md.
/// </summary>
internal sealed class RevisionAdmission(ActiveRevision active, RevisionFollower follower, EdgeOptions options, TimeProvider time)
{
    private const string LeastHeader = "sluice-min-revision";
    private static readonly TimeSpan LeastBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>The revision, or why there is none. Answers at once unless the request asks for a revision that is not active yet.</summary>
    public ValueTask<Admitted> AdmitAsync(HttpContext http)
    {
        var least = http.Request.Headers[LeastHeader];
        return least.Count == 0 ? ValueTask.FromResult(Admit()) : ReachAsync(http, least.ToString());
    }

    private static ClientError Unavailable(string message) => new(503, message, "service_unavailable", RetryAfter: Soon);

    private Admitted Admit()
    {
        var (revision, staleFor) = active.Admit();
        if (revision is null)
        {
            return new Admitted(null, false, Unavailable("This edge has no configuration yet."));
        }

        if (staleFor is not { } stale)
        {
            return new Admitted(revision, false, null);
        }

        return options.ServeStale && (options.MaxStale is not { } most || stale < most)
            ? new Admitted(revision, true, null)
            : new Admitted(null, false, Unavailable("This edge has lost its silos and cannot know whether its configuration is still right."));
    }

    private async ValueTask<Admitted> ReachAsync(HttpContext http, string wanted)
    {
        if (!TryRead(wanted, out var least))
        {
            return new Admitted(null, false, new ClientError(
                400, $"{LeastHeader} must be '{options.Workspace}@' and a revision's number, as sluice-revision tells it.", "invalid_request"));
        }

        var start = time.GetTimestamp();
        while (true)
        {
            var advanced = active.Advanced;
            var admitted = Admit();
            if (admitted.Revision is null || admitted.Revision.Head.Revision >= least)
            {
                return admitted;
            }

            follower.Poke();
            if (LeastBound - time.GetElapsedTime(start) is not { Ticks: > 0 } rest)
            {
                return new Admitted(null, false, Unavailable($"This edge is at {admitted.Revision.Label} and has not reached {wanted} in time."));
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
