using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>
/// Usage of one tenant on one day that was not answered yet: records in the order of their sequence numbers, and sums of what has no record. Memory is bounded: records
/// that find no room wait in the journal alone, and are read back in their order. Safe for concurrent use.
/// </summary>
internal sealed class DayUsage(WaitingRoom room)
{
    /// <summary>Rows in one batch at most; what is more waits for the next.</summary>
    public const int MostRows = 2_000;

    /// <summary>Records in one batch at most.</summary>
    public const int MostRecords = 1_000;

    /// <summary>Rows that wait at most: what is more while no silo answers is summed without key, model and target, so that it is still counted.</summary>
    public const int MostWaiting = 50_000;

    /// <summary>Stands for the model of rows summed for want of room.</summary>
    public const string OtherModels = "other";

    private readonly Lock _gate = new();
    private readonly Dictionary<UsageKey, UsageRow> _rows = [];
    private readonly Queue<AttemptRecord> _records = [];
    private UsageBatch? _sent;
    private long _lastNumbered;
    private long _lastQueued;
    private long _answered;
    private bool _isSpilled;
    private bool _isClosed;

    /// <summary>Whether nothing waits to be sent or answered.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return HasNothing;
            }
        }
    }

    /// <summary>Whether records wait in the journal alone.</summary>
    public bool IsSpilled
    {
        get
        {
            lock (_gate)
            {
                return _isSpilled;
            }
        }
    }

    private bool HasNothing => _rows.Count == 0 && _records.Count == 0 && _sent is null && !_isSpilled;

    /// <summary>Adds to the row of the same key; false after <see cref="TryClose"/>.</summary>
    public bool TryAdd(in UsageRow row)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            Sum(row);
            return true;
        }
    }

    /// <summary>Gives a record its sequence number and keeps it; false after <see cref="TryClose"/>.</summary>
    /// <param name="record">The record.</param>
    /// <param name="sequence">The last number that was given on this edge.</param>
    /// <param name="journal">Into which it is written, in the order of the numbers; null: there is none.</param>
    /// <param name="begun">Where the attempt's beginning stands there.</param>
    /// <param name="isLost">There is no room for it anywhere: only its figures are kept, as a row.</param>
    public bool TryAdd(AttemptRecord record, ref long sequence, AttemptJournal? journal, BegunMark? begun, out bool isLost)
    {
        lock (_gate)
        {
            isLost = false;
            if (_isClosed)
            {
                return false;
            }

            record.Sequence = Interlocked.Increment(ref sequence);
            var isKept = journal?.Settle(record, begun) is true;
            if (!_isSpilled && room.TryTake())
            {
                Queue(record);
            }
            else if (isKept)
            {
                _isSpilled = true;
            }
            else
            {
                isLost = true;
                Sum(UsageRows.Of(record));
                return true;
            }

            _lastNumbered = record.Sequence;
            return true;
        }
    }

    /// <summary>Takes a record back that waits in the journal alone. False: there is no room for it now.</summary>
    public bool TryTakeBack(AttemptRecord record)
    {
        lock (_gate)
        {
            return !_isSpilled || record.Sequence <= _lastQueued || TryQueueBack(record);
        }
    }

    /// <summary>Takes the rest back, and nothing waits in the journal alone any more; false: there is no room for it now.</summary>
    /// <param name="rest">All records that came since, in order.</param>
    public bool TryTakeRest(Func<IEnumerable<AttemptRecord>> rest)
    {
        lock (_gate)
        {
            foreach (var record in rest().Where(record => record.Sequence > _lastQueued))
            {
                if (!TryQueueBack(record))
                {
                    return false;
                }
            }

            _isSpilled = _lastQueued < _lastNumbered;
            return !_isSpilled;
        }
    }

    /// <summary>The batch that was sent and not answered, the same again; else the next one, or null where there is nothing.</summary>
    /// <param name="edge">The edge.</param>
    /// <param name="sequence">The last number that was given on this edge.</param>
    public UsageBatch? NextBatch(string edge, ref long sequence)
    {
        lock (_gate)
        {
            if (_sent is null && (_rows.Count > 0 || _records.Count > 0))
            {
                var rows = _rows.Values.Take(MostRows).ToImmutableArray();
                foreach (var row in rows)
                {
                    _rows.Remove(row.Key);
                }

                var records = ImmutableArray.CreateBuilder<AttemptRecord>(Math.Min(_records.Count, MostRecords));
                while (records.Count < MostRecords && _records.TryDequeue(out var record))
                {
                    records.Add(record);
                }

                _sent = new UsageBatch(edge, Interlocked.Increment(ref sequence), rows, records.DrainToImmutable());
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
                room.Leave(_sent.Records.Length);
                _answered = _sent.Records is [.., var last] ? last.Sequence : _answered;
                _sent = null;
            }
        }
    }

    /// <summary>Whether a record of this number is durable.</summary>
    public bool IsAnswered(long sequence)
    {
        lock (_gate)
        {
            return sequence <= _answered;
        }
    }

    /// <summary>Ends it where nothing waits.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            _isClosed |= HasNothing;
            return _isClosed;
        }
    }

    private bool TryQueueBack(AttemptRecord record)
    {
        if (!room.TryTake())
        {
            return false;
        }

        Queue(record);
        return true;
    }

    private void Queue(AttemptRecord record)
    {
        _records.Enqueue(record);
        _lastQueued = record.Sequence;
    }

    private void Sum(in UsageRow row)
    {
        var added = row;
        if (_rows.Count >= MostWaiting && !_rows.ContainsKey(row.Key))
        {
            added = row with { Key = row.Key with { KeyId = "", Model = OtherModels, Target = "" } };
        }

        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, added.Key, out var known);
        sum = known ? sum with { Used = sum.Used + added.Used } : added;
    }
}

/// <summary>How many records of all days together wait in memory.</summary>
internal sealed class WaitingRoom(int most)
{
    private long _taken;

    /// <summary>How many there are.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes a place, or none.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Gives places back.</summary>
    public void Leave(int count) => Interlocked.Add(ref _taken, -count);
}
