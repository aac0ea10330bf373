using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// What this start of an edge has begun and settled, in files that outlive the process: whoever starts in the same folder next tells it (<see cref="JournalReplay"/>).
/// It promises: an entry that was taken is found again, though the process be killed in the next moment; and what could not be taken is known to be missing. It never
/// makes a request wait or fail. Safe for concurrent use. See docs/accounting.md, "The journal".
/// </summary>
public sealed class AttemptJournal : IDisposable
{
    private readonly JournalFolder _folder;
    private readonly string _start;
    private readonly ILogger<AttemptJournal> _log;
    private readonly Lock _gate = new();

    // Under the gate, oldest first; the current one is the last.
    private readonly List<JournalSegment> _segments = [];
    private readonly JournalTrim _trim = new();
    private JournalSegment? _current;
    private JournalSegment? _spare;
    private long _numbers;
    private long _lost;
    private bool _hasGap;
    private bool _isFull;
    private bool _isEnded;

    internal AttemptJournal(JournalFolder folder, string start, ILogger<AttemptJournal> log)
    {
        (_folder, _start, _log) = (folder, start, log);
        lock (_gate)
        {
            if (Make(_folder.TryMake) is { } first)
            {
                Use(first);
            }
        }
    }

    /// <summary>Entries that could not be kept.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>How much room its files take, in bytes.</summary>
    public long Bytes => _folder.Bytes;

    /// <summary>An attempt was admitted, or holds more than before: its last beginning counts. Gives what <see cref="Settle"/> must be given; null: it could not be kept.</summary>
    /// <param name="reserved">What it holds, in all.</param>
    /// <param name="before">Its beginning before; null: this is the first.</param>
    internal BegunMark? Begin(AttemptRecord reserved, BegunMark? before = null)
    {
        using var entry = EntryWriter.Attempt(EntryKind.Begun, reserved);
        return Append(entry.Entry, opens: true) is { } mark ? mark with { Before = before } : before;
    }

    /// <summary>An attempt was settled. False: it could not be kept.</summary>
    internal bool Settle(AttemptRecord record, BegunMark? begun)
    {
        using var entry = EntryWriter.Attempt(EntryKind.Settled, record);
        var kept = Append(entry.Entry, opens: false) is not null;
        for (var mark = begun; mark is not null; mark = mark.Before)
        {
            if (!kept)
            {
                // Its record is on its way from memory: the next start must not count the reservation besides.
                mark.Segment.Void(mark.At);
            }

            mark.Segment.Close();
        }

        return kept;
    }

    /// <summary>A lease's last report was answered: it need not be told of any more.</summary>
    internal void LeaseEnded(in LeaseCharge lease)
    {
        using var entry = EntryWriter.LeaseEnded(lease);
        Append(entry.Entry, opens: false);
    }

    /// <summary>The segments that are there, oldest first; the last one is being written.</summary>
    internal JournalSegment[] Segments()
    {
        lock (_gate)
        {
            return [.. _segments];
        }
    }

    /// <summary>Lets go of segments in which nothing is wanted any more, and has the next one ready. Called by one at a time.</summary>
    /// <param name="isAnswered">Whether a record is with its grain.</param>
    internal void Upkeep(Func<SettledMark, bool> isAnswered)
    {
        Trim(isAnswered, all: false);
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            if (_current is not { IsNearlyFull: false })
            {
                _spare ??= Make(_folder.TryMake);
            }

            if (_current is null && _spare is not null)
            {
                Use(_spare);
                _spare = null;
            }
        }
    }

    /// <summary>Ends it; where nothing in it is wanted by a next start, its files go.</summary>
    /// <param name="isAnswered">Whether a record is with its grain.</param>
    internal void End(Func<SettledMark, bool> isAnswered)
    {
        lock (_gate)
        {
            (_current, _isEnded) = (null, true);
        }

        Trim(isAnswered, all: true);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            (_current, _isEnded) = (null, true);
            if (_spare is { } spare)
            {
                _folder.Remove(spare);
            }

            _spare = null;
            _segments.ForEach(segment => segment.Dispose());
            _segments.Clear();
        }

        _folder.Dispose();
    }

    private BegunMark? Append(Span<byte> entry, bool opens)
    {
        while (Volatile.Read(ref _current) is { } segment)
        {
            // Before the entry is there: a segment with an attempt under way is not let go.
            if (opens)
            {
                segment.Open();
            }

            if (segment.TryAppend(entry) is var at and >= 0)
            {
                return new BegunMark(segment, at);
            }

            if (opens)
            {
                segment.Close();
            }

            if (entry.Length > segment.Size / 4)
            {
                break;
            }

            Turn(segment);
        }

        Lose();
        return null;
    }

    private void Turn(JournalSegment full)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_current, full))
            {
                return;
            }

            var next = _spare ?? Make(_folder.TryMake);
            _spare = null;
            if (next is null)
            {
                Volatile.Write(ref _current, null);
            }
            else
            {
                Use(next);
            }
        }
    }

    private void Use(JournalSegment next)
    {
        _segments.Add(next);
        if (_hasGap)
        {
            next.MarkGap();
        }

        Volatile.Write(ref _current, next);
    }

    private JournalSegment? Make(Func<string, SegmentHead, JournalSegment?> make)
    {
        var head = new SegmentHead(_start, _numbers + 1, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))), MachineBoot.Id, _folder.Owner);
        try
        {
            var made = make(string.Create(CultureInfo.InvariantCulture, $"{_start}-{head.Number:d10}"), head);
            if (made is null)
            {
                Tell("it has reached its bound");
                return null;
            }

            (_numbers, _isFull) = (head.Number, false);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(e.Message);
            return null;
        }
    }

    private void Tell(string why)
    {
        if (!_isFull)
        {
            _log.LogError("The journal in {Folder} takes no more: {Reason}. Requests are served on; should this edge be lost now, what it counted since its last report is in doubt.", _folder, why);
        }

        _isFull = true;
    }

    private void Lose()
    {
        Interlocked.Increment(ref _lost);
        if (Volatile.Read(ref _hasGap))
        {
            return;
        }

        lock (_gate)
        {
            // In the last segment that is there, and in all that come: what this start tells is not the whole from here on. At its end all has been told.
            if (!_hasGap && !_isEnded && _segments is [.., var last])
            {
                last.MarkGap();
            }

            Volatile.Write(ref _hasGap, true);
        }
    }

    private void Trim(Func<SettledMark, bool> isAnswered, bool all)
    {
        var segments = Segments();
        var done = _trim.Done(segments.Where(segment => all || !ReferenceEquals(segment, Volatile.Read(ref _current))), isAnswered);

        // The last segment is where sums are carried to; it goes only at the end, with all the others.
        if (done.Count == 0 || (done.Count < segments.Length && !_trim.TryCarry(done, part =>
        {
            using var entry = EntryWriter.Carried(part);
            return Append(entry.Entry, opens: false) is not null;
        })))
        {
            return;
        }

        foreach (var segment in done)
        {
            if (!all)
            {
                // Not under the lock, for which a request may wait.
                segment.Blank();
            }

            lock (_gate)
            {
                _segments.Remove(segment);
                if (!_isEnded && _spare is null && (_spare = Make((name, head) => _folder.Renew(segment, name, head))) is not null)
                {
                    continue;
                }
            }

            _folder.Remove(segment);
        }
    }
}
