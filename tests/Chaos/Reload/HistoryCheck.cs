namespace Sluice.Tests.Chaos.Reload;

/// <summary>Whether a history may have happened so: K1, K2, K3, K4, K5 and K8 of docs/reload.md. Each finding is a sentence; none: all is right.</summary>
internal static class HistoryCheck
{
    /// <summary>All that can be told from what clients and publishers saw.</summary>
    public static IReadOnlyList<string> Run(History history) =>
        [.. Floor(history), .. Order(history), .. OneRevision(history), .. Rights(history), .. OneRevisionEach(history), .. Answered(history)];

    /// <summary>K1: what was sent after a publish had returned is admitted under at least its revision, or says that it may be stale.</summary>
    public static IEnumerable<string> Floor(History history)
    {
        var publishes = history.Publishes.OrderBy(p => p.Returned).ToArray();
        var (next, floor) = (0, 0L);
        foreach (var call in history.Calls.Where(c => c is { Status: 200, IsStale: false }).OrderBy(c => c.Sent))
        {
            for (; next < publishes.Length && publishes[next].Returned < call.Sent; next++)
            {
                floor = Math.Max(floor, publishes[next].Revision);
            }

            if (call.Revision < floor)
            {
                yield return $"K1: {call.Edge} admitted under {call.Revision} what was sent after {floor} had been returned";
            }
        }
    }

    /// <summary>K1 for rights: no edge counts on one that was taken before the request was sent, and none refuses one that was there all the time.</summary>
    public static IEnumerable<string> Rights(History history) => history.Calls.Where(c => c.Right is not null).Select(call => call.Status switch
    {
        200 when call.Right!.WasTaken(call.Sent, call.Ended) => $"K1: {call.Edge} admitted a request of {call.Right} that was sent after that had been taken away",
        401 or 403 when call.Right!.WasThere(call.Sent, call.Ended) => $"K8: {call.Edge} refused a request of {call.Right}, which was there: {call.Problem}",
        _ => null,
    }).OfType<string>();

    /// <summary>K2: what was sent to an edge after another answer of it had come is not of an older revision, stale or not.</summary>
    private static IEnumerable<string> Order(History history)
    {
        foreach (var edge in history.Calls.Where(c => c.Status is 200).GroupBy(c => c.Edge, StringComparer.Ordinal))
        {
            var ended = edge.OrderBy(c => c.Ended).ToArray();
            var (next, seen) = (0, 0L);
            foreach (var call in edge.OrderBy(c => c.Sent))
            {
                for (; next < ended.Length && ended[next].Ended < call.Sent; next++)
                {
                    seen = Math.Max(seen, ended[next].Revision);
                }

                if (call.Revision < seen)
                {
                    yield return $"K2: {edge.Key} fell from {seen} to {call.Revision}";
                }
            }
        }
    }

    /// <summary>K3: all parts of one answer are of one generation, and all answers of a revision are of the same.</summary>
    private static IEnumerable<string> OneRevision(History history)
    {
        var known = new Dictionary<long, long>();
        foreach (var call in history.Calls.Where(c => c.Parts.Count > 0))
        {
            var generation = known.TryGetValue(call.Revision, out var first) ? first : known[call.Revision] = call.Parts[0].Generation;
            foreach (var part in call.Parts.Where(p => p.Generation != generation))
            {
                yield return $"K3: {call.Edge} answered under revision {call.Revision}, of generation {generation}, but the {part.Name} was of {part.Generation}";
            }
        }
    }

    /// <summary>K4 and K5: each publish made a revision of its own, and that is served with what was published.</summary>
    private static IEnumerable<string> OneRevisionEach(History history)
    {
        var served = history.Calls.Where(c => c.Parts.Count > 0).GroupBy(c => c.Revision).ToDictionary(g => g.Key, g => g.First().Parts[0].Generation);
        foreach (var publish in history.Publishes.Where(p => p.IsNew && served.TryGetValue(p.Revision, out var generation) && generation != p.Generation))
        {
            yield return $"K4: revision {publish.Revision} was published with generation {publish.Generation}, and served with {served[publish.Revision]}";
        }

        foreach (var twice in history.Publishes.Where(p => p.IsNew).GroupBy(p => p.Revision).Where(g => g.Count() > 1))
        {
            yield return $"K5: revision {twice.Key} was the answer to {twice.Count()} publishes";
        }
    }

    /// <summary>K8: a request that needs no silo gets its answer; one with a key does, or is told to come again.</summary>
    private static IEnumerable<string> Answered(History history) =>
        from call in history.Calls
        where call.Right is null ? call.Status is not 200 : call is not { Status: 200 or 401 or 403 } and not { Status: 429 or 503, SaysWhen: true }
        select $"K8: {call.Edge} answered {call.Status} to a request {(call.Right is null ? "without" : "with")} a key: {call.Problem}";
}
