using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>A request as its client saw it. Times are of one monotonic clock, the same for clients and publishers.</summary>
/// <param name="Edge">The start of an edge: a restarted edge is another one.</param>
/// <param name="Sent">Before it was sent, so before it arrived.</param>
/// <param name="Ended">After the answer.</param>
/// <param name="Revision">Told by <c>sluice-revision</c>.</param>
/// <param name="IsStale">Told by <c>sluice-stale</c>.</param>
/// <param name="Status">Of the answer; 0: there was none.</param>
internal sealed record Call(string Edge, long Sent, long Ended, long Revision, bool IsStale, int Status);

/// <summary>A publish as its caller saw it.</summary>
internal sealed record Publish(long Started, long Returned, long Revision, string Barrier);

/// <summary>What clients and publishers recorded, and whether it may have happened so: K1, K2 and K8 of docs/reload.md.</summary>
internal sealed class History
{
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly ConcurrentQueue<Publish> _publishes = new();
    private readonly ConcurrentDictionary<string, int> _events = new(StringComparer.Ordinal);

    public void Add(Call call) => _calls.Enqueue(call);

    public void Add(Publish publish) => _publishes.Enqueue(publish);

    /// <summary>Counts something that was done to the system.</summary>
    public void Count(string what) => _events.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>How many publishes returned.</summary>
    public int Publishes => _publishes.Count;

    /// <summary>Everything that may not have happened so, in words; empty: all is right.</summary>
    public IReadOnlyList<string> Check()
    {
        var wrong = new List<string>();
        CheckFloor(wrong);
        CheckOrder(wrong);
        return wrong;
    }

    /// <summary>K8, where nothing but reloads happened to the edges: each request got its answer.</summary>
    public IReadOnlyList<Call> Failed() => [.. _calls.Where(c => c.Status is not 200)];

    /// <summary>What happened, in numbers.</summary>
    public string Report()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{_calls.Count} requests, {_calls.Count(c => c.IsStale)} of them stale, {_calls.Count(c => c.Status is not 200)} without a good answer; ");
        text.Append(CultureInfo.InvariantCulture, $"{_publishes.Count} publishes ({string.Join(", ", _publishes.GroupBy(p => p.Barrier).Select(g => $"{g.Count()} {g.Key}"))})");
        foreach (var (what, count) in _events.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"; {count} {what}");
        }

        return text.ToString();
    }

    // K1: what was sent after a publish had returned is admitted under at least its revision, or says that it may be stale.
    private void CheckFloor(List<string> wrong)
    {
        var publishes = _publishes.OrderBy(p => p.Returned).ToArray();
        var (next, floor) = (0, 0L);
        foreach (var call in _calls.Where(c => c is { Status: 200, IsStale: false }).OrderBy(c => c.Sent))
        {
            for (; next < publishes.Length && publishes[next].Returned < call.Sent; next++)
            {
                floor = Math.Max(floor, publishes[next].Revision);
            }

            if (call.Revision < floor)
            {
                wrong.Add($"K1: {call.Edge} admitted under {call.Revision} what was sent after {floor} had been returned");
            }
        }
    }

    // K2: what was sent to an edge after another answer of it had come is not of an older revision, stale or not.
    private void CheckOrder(List<string> wrong)
    {
        foreach (var edge in _calls.Where(c => c.Status is 200).GroupBy(c => c.Edge, StringComparer.Ordinal))
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
                    wrong.Add($"K2: {edge.Key} fell from {seen} to {call.Revision}");
                }
            }
        }
    }
}
