using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>What a lease of a former start has been charged, in all.</summary>
/// <param name="Budget">The budget's name.</param>
/// <param name="Subject">Whom it binds.</param>
/// <param name="Holder">The name under which the grain knows the holder.</param>
/// <param name="Window">The window's start in UTC ticks.</param>
/// <param name="Settled">What settled attempts used.</param>
/// <param name="Reserved">What attempts held that were begun and not settled.</param>
/// <param name="IsCertain">Nothing can be missing: all was kept, and the machine has run since.</param>
public sealed record FormerLease(string Budget, string Subject, string Holder, long Window, long Settled, long Reserved, bool IsCertain);

/// <summary>
/// What former starts of an edge have left in its folder. It promises: each attempt that was begun is either settled, as it was, or unsettled; and each lease's total is
/// the sum of both. Reads files and nothing else. See docs/accounting.md, "The journal".
/// </summary>
public sealed class JournalReplay
{
    private readonly Dictionary<string, AttemptRecord> _unsettled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Former> _starts = new(StringComparer.Ordinal);
    private readonly List<string> _files = [];

    private JournalReplay()
    {
    }

    /// <summary>The files that were read; they can go once all that they tell is told.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Attempts that were begun and not settled: what each has reserved.</summary>
    public IReadOnlyCollection<AttemptRecord> Unsettled => _unsettled.Values;

    /// <summary>The leases that have not ended.</summary>
    public ImmutableArray<FormerLease> Leases { get; private set; } = [];

    /// <summary>How many places hold something that is no entry.</summary>
    public int Broken { get; private set; }

    /// <summary>Reads files.</summary>
    /// <param name="files">Those of former starts, by name.</param>
    /// <param name="owner">Whose; a file of another cluster or workspace is as one that cannot be read.</param>
    /// <param name="unreadable">Is told the file and what is wrong with it. It is passed over, and what its start tells is not certain.</param>
    public static JournalReplay Read(IEnumerable<string> files, long owner, Action<string, string> unreadable)
    {
        var replay = new JournalReplay();
        foreach (var file in files)
        {
            try
            {
                var segment = FormerSegment.Read(file);
                if (segment.Head.Owner != owner)
                {
                    throw new InvalidDataException("it is of another cluster or workspace");
                }

                replay.Take(segment);
            }
            catch (InvalidDataException e)
            {
                unreadable(file, e.Message);
                replay.StartOf(Path.GetFileName(file).Split('-')[0]).IsDamaged = true;
            }
        }

        replay.Leases = replay.SumLeases();
        return replay;
    }

    /// <summary>The records of settled attempts in the order of their sequence numbers, with the start whose numbers they are. Reads the files again.</summary>
    public IEnumerable<(string Start, AttemptRecord Record)> Settled()
    {
        foreach (var file in _files)
        {
            var segment = FormerSegment.Read(file);
            foreach (var entry in segment.Entries)
            {
                if (entry.Kind is EntryKind.Settled)
                {
                    yield return (segment.Head.Start, entry.Record!);
                }
            }
        }
    }

    private void Take(FormerSegment segment)
    {
        _files.Add(segment.Path);
        Broken += segment.Broken;
        StartOf(segment.Head.Start).Take(segment);
        foreach (var entry in segment.Entries)
        {
            // A begun attempt stands before its end: it is written before the upstream is asked.
            if (entry.Kind is EntryKind.Begun)
            {
                _unsettled[entry.Record!.Id] = entry.Record;
            }
            else if (entry.Kind is EntryKind.Settled)
            {
                _unsettled.Remove(entry.Record!.Id);
            }
        }
    }

    private ImmutableArray<FormerLease> SumLeases()
    {
        var settled = new LeaseSums();
        var ended = new HashSet<LeaseName>();
        foreach (var start in _starts.Values)
        {
            start.SumTo(settled, ended);
        }

        var reserved = new LeaseSums();
        foreach (var record in _unsettled.Values)
        {
            reserved.Take(record);
        }

        var names = settled.Sums.Keys.Union(reserved.Sums.Keys).Except(ended).ToLookup(name => name with { Window = 0 });
        return [.. names.SelectMany(holder => OfHolder(holder.Order(Comparer<LeaseName>.Create((a, b) => a.Window.CompareTo(b.Window))).ToArray(), settled, reserved))];
    }

    // What was charged before the window was known belongs to the first one that was. Where none was, the grain knows of no lease.
    private IEnumerable<FormerLease> OfHolder(LeaseName[] byWindow, LeaseSums settled, LeaseSums reserved)
    {
        var early = byWindow[0].Window == 0 ? byWindow[0] : (LeaseName?)null;
        var isFirst = true;
        foreach (var name in byWindow.Where(name => name.Window != 0))
        {
            var (spent, held) = (settled.Sums.GetValueOrDefault(name), reserved.Sums.GetValueOrDefault(name));
            if (isFirst && early is { } before)
            {
                (spent, held) = (spent + settled.Sums.GetValueOrDefault(before), held + reserved.Sums.GetValueOrDefault(before));
            }

            isFirst = false;
            var start = name.Holder.Split('.')[0];
            yield return new FormerLease(name.Budget, name.Subject, name.Holder, name.Window, spent, held, _starts.TryGetValue(start, out var former) && former.IsCertain);
        }
    }

    private Former StartOf(string name)
    {
        if (!_starts.TryGetValue(name, out var start))
        {
            _starts.Add(name, start = new Former());
        }

        return start;
    }
}
