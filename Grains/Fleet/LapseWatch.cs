using Sluice.Grains.Catalog;

namespace Sluice.Grains.Fleet;

/// <summary>
/// Which edges of the durable set have fallen silent, as one activation of the fleet sees it: first it marks them, and a lease's length after it saw a mark that
/// nobody took away it strikes them. It times by what it has seen itself, so that it is right after any restart. Plain rules over a monotonic time that the
/// caller gives.
/// </summary>
/// <param name="terms">How long leases last.</param>
/// <param name="start">When this activation began: no edge counts as silent before it had time to speak.</param>
public sealed class LapseWatch(LeaseTerms terms, TimeSpan start)
{
    private readonly Dictionary<string, TimeSpan> _heard = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Mark, TimeSpan Seen)> _marks = new(StringComparer.Ordinal);

    /// <summary>An edge spoke.</summary>
    public void Hear(string edge, TimeSpan now) => _heard[edge] = now;

    /// <summary>What the row should become, and which edges are struck by it; null where nothing is to be done. The row was read after all that was heard so far.</summary>
    public (HeadRow Next, IReadOnlyList<string> Struck)? Look(HeadRow row, TimeSpan now)
    {
        Forget(row);
        var silent = new List<string>();
        var ended = new List<string>();
        foreach (var (edge, mark) in row.Edges)
        {
            if (mark == 0)
            {
                _marks.Remove(edge);
                if (now - _heard.GetValueOrDefault(edge, start) >= terms.Wait)
                {
                    silent.Add(edge);
                }
            }
            else if (!_marks.TryGetValue(edge, out var known) || known.Mark != mark)
            {
                _marks[edge] = (mark, now);
            }
            else if (now - known.Seen >= terms.Wait)
            {
                ended.Add(edge);
            }
        }

        return silent.Count + ended.Count == 0 ? null : (EdgeSet.Strike(EdgeSet.Mark(row, silent), ended), ended);
    }

    private void Forget(HeadRow row)
    {
        foreach (var edge in _heard.Keys.Concat(_marks.Keys).Where(e => !row.Edges.ContainsKey(e)).ToArray())
        {
            _heard.Remove(edge);
            _marks.Remove(edge);
        }
    }
}
