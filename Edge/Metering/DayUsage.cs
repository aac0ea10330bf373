using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>Usage of one tenant on one day that was not answered yet. Safe for concurrent use.</summary>
public sealed class DayUsage
{
    /// <summary>Rows in one batch at most; what is more waits for the next.</summary>
    public const int MostRows = 2_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<UsageKey, UsageRow> _rows = [];
    private UsageBatch? _sent;
    private long _number;
    private bool _isClosed;

    /// <summary>Rows that wait at most: what is more while no silo answers is summed without key, model and target, so that it is still counted.</summary>
    public const int MostWaiting = 50_000;

    /// <summary>Stands for the model of rows summed for want of room.</summary>
    public const string OtherModels = "other";

    /// <summary>Whether nothing waits to be sent or answered.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _rows.Count == 0 && _sent is null;
            }
        }
    }

    /// <summary>Adds to the row of the same key; false after <see cref="TryClose"/>.</summary>
    public bool TryAdd(in UsageRow row)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            var added = row;
            if (_rows.Count >= MostWaiting && !_rows.ContainsKey(row.Key))
            {
                added = row with { Key = row.Key with { KeyId = "", Model = OtherModels, Target = "" } };
            }

            _rows[added.Key] = _rows.TryGetValue(added.Key, out var sum) ? Sum(sum, added) : added;
            return true;
        }
    }

    /// <summary>The batch that was sent and not answered, the same again; else the next one, or null where there is nothing.</summary>
    public UsageBatch? NextBatch(string edge)
    {
        lock (_gate)
        {
            if (_sent is null && _rows.Count > 0)
            {
                var rows = _rows.Values.Take(MostRows).ToImmutableArray();
                foreach (var row in rows)
                {
                    _rows.Remove(row.Key);
                }

                _sent = new UsageBatch(edge, ++_number, rows);
            }

            return _sent;
        }
    }

    /// <summary>The batch of this number is durable.</summary>
    public void Answered(long number)
    {
        lock (_gate)
        {
            if (_sent?.Number == number)
            {
                _sent = null;
            }
        }
    }

    /// <summary>Ends it where nothing waits: its numbers are not continued, so its day must be over.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            _isClosed |= _rows.Count == 0 && _sent is null;
            return _isClosed;
        }
    }

    private static UsageRow Sum(in UsageRow a, in UsageRow b) => new(
        a.Key,
        a.Requests + b.Requests,
        a.InputTokens + b.InputTokens,
        a.CachedTokens + b.CachedTokens,
        a.OutputTokens + b.OutputTokens,
        a.ReasoningTokens + b.ReasoningTokens,
        a.CostNano + b.CostNano);
}
