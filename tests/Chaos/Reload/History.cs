using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>One part of what decided a request, and which <see cref="Generation"/> it was of.</summary>
internal readonly record struct Part(string Name, long Generation);

/// <summary>A request as its client saw it. Times are of one monotonic clock, the same for clients and publishers.</summary>
/// <param name="Edge">The start of an edge: a restarted edge is another one.</param>
/// <param name="Right">The right that its key rests on; null: it needs none.</param>
/// <param name="Sent">Before it was sent, so before it arrived.</param>
/// <param name="Ended">After the answer.</param>
/// <param name="Status">Of the answer; 0: there was none, though the edge went on.</param>
/// <param name="Revision">Told by <c>sluice-revision</c>.</param>
/// <param name="IsStale">Told by <c>sluice-stale</c>.</param>
/// <param name="Parts">What good answers show of the revision's parts.</param>
/// <param name="SaysWhen">It was refused for now, and told when to come again.</param>
/// <param name="Problem">What was said, where the answer was not good.</param>
internal sealed record Call(string Edge, Right? Right, long Sent, long Ended, int Status, long Revision, bool IsStale, IReadOnlyList<Part> Parts, bool SaysWhen, string? Problem);

/// <summary>A publish as its caller saw it.</summary>
/// <param name="Started">Before it was sent.</param>
/// <param name="Returned">After its answer.</param>
/// <param name="Revision">Told by the answer.</param>
/// <param name="Generation">Of the bundle; of a rollback that of the revision it went back to.</param>
/// <param name="IsRollback">It made an old body active again.</param>
/// <param name="IsNew">It made the revision; else that was active already, or the publish had been done before, and this is what was active when it was sent again.</param>
/// <param name="Barrier">As told.</param>
internal sealed record Publish(long Started, long Returned, long Revision, long Generation, bool IsRollback, bool IsNew, string Barrier);

/// <summary>What clients, publishers and operators recorded.</summary>
internal sealed class History
{
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly ConcurrentQueue<Publish> _publishes = new();
    private readonly ConcurrentDictionary<string, int> _events = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Call> Calls => _calls;

    public IReadOnlyCollection<Publish> Publishes => _publishes;

    public void Add(Call call) => _calls.Enqueue(call);

    public void Add(Publish publish) => _publishes.Enqueue(publish);

    /// <summary>Forgets all that was seen so far.</summary>
    public void Clear()
    {
        _calls.Clear();
        _publishes.Clear();
        _events.Clear();
    }

    /// <summary>Counts something that was done to the system, or happened to it.</summary>
    public void Count(string what) => _events.AddOrUpdate(what, 1, static (_, count) => count + 1);

    /// <summary>What happened, in numbers, a line each.</summary>
    public string Report()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{_calls.Count,8} requests, {_calls.Count(c => c.IsStale)} of them stale");
        foreach (var group in _calls.GroupBy(c => (HasKey: c.Right is not null, c.Status)).OrderBy(g => g.Key))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{group.Count(),8} {(group.Key.HasKey ? "with a key" : "without a key")}: {group.Key.Status}");
        }

        foreach (var group in _publishes.GroupBy(p => (p.IsRollback, p.Barrier)).OrderBy(g => g.Key))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{group.Count(),8} {(group.Key.IsRollback ? "rollbacks" : "publishes")}, barrier {group.Key.Barrier}");
        }

        foreach (var (what, count) in _events.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{count,8} {what}");
        }

        return text.ToString();
    }
}
