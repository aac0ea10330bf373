using System.Collections.Immutable;
using Sluice.Edge.CallLog;
using Sluice.Edge.Configuration;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Rollouts;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.WhatIf;

namespace Sluice.Edge.Calls;

/// <summary>
/// The calls of the last hour, in this edge's memory and nowhere else, without bodies and credentials. It promises bounds of number and size: each minute keeps its share of
/// them, an even sample of that minute's calls (Vitter's algorithm R), and counts them all. Counted without a lock; a call that is not kept allocates nothing. See
/// docs/explain.md, "Replay".
/// </summary>
internal sealed class RecentCalls(EdgeOptions options, WatchedSplits splits, CallBuffer log, TimeProvider time)
{
    private const int Minutes = 60;
    private const int MostCharacters = 2_048;

    // One more than are told: the one that is being filled.
    private readonly Minute?[] _minutes = new Minute?[Minutes + 1];
    private readonly int _perMinute = (options.Calls + Minutes - 1) / Minutes;
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private NamesOfRevision? _names;

    /// <summary>Whether no calls are kept at all.</summary>
    public bool IsOff => _perMinute == 0;

    /// <summary>Notes a call that was answered; where a rollout watches the revision's canary, it counts for its side.</summary>
    public void Note(in Arrival arrival, in EndedCall call)
    {
        log.Note(arrival, call);
        splits.OfCanary(arrival.Revision)?.Count(CanaryAnswers.Of(arrival, call, time));
        if (IsOff)
        {
            return;
        }

        var now = time.GetUtcNow();
        var minute = MinuteOf(now);
        var seen = Interlocked.Increment(ref minute.Seen);
        var place = seen <= _perMinute ? seen - 1 : (long)(Chance.Next() * seen);
        if (place >= _perMinute)
        {
            return;
        }

        var record = CallRecords.Make(arrival, call, NamesOf(arrival.Revision), now);
        if (CallRecords.LengthOf(record) > MostCharacters)
        {
            Interlocked.Increment(ref minute.TooLarge);
            return;
        }

        Volatile.Write(ref minute.Calls[place], record);
    }

    /// <summary>A request for a model, with what is noted of it on its way.</summary>
    public Arrival Mark(in Arrival arrival) => arrival with { Marks = log.Begin(arrival.At) };

    /// <summary>A call was answered that came to nothing which could be played again: it is logged alone, where it is not yet.</summary>
    public void Log(in Arrival arrival, in EndedCall call) => log.Note(arrival, call);

    /// <summary>What is kept now, oldest minute first, of more than is wanted an even sample.</summary>
    public (CallSum Sum, ImmutableArray<SampledCall> Calls) Take(int mostCalls, int mostCharacters)
    {
        var now = time.GetUtcNow();
        var newest = NumberOf(now);
        var minutes = _minutes.Select((_, i) => Volatile.Read(ref _minutes[i])).OfType<Minute>()
            .Where(m => m.Number > newest - Minutes && m.Number <= newest)
            .OrderBy(m => m.Number)
            .Select(m => (m.Number, Seen: Volatile.Read(ref m.Seen), m.TooLarge, Calls: m.Calls.Select((_, i) => Volatile.Read(ref m.Calls[i])).OfType<CallRecord>().ToArray()))
            .ToList();
        var calls = minutes.SelectMany(m => m.Calls.Select(c => new SampledCall(c, (double)m.Seen / m.Calls.Length))).ToList();
        var characters = calls.Sum(c => (long)CallRecords.LengthOf(c.Call));
        var step = Math.Max(1, (int)Math.Ceiling(Math.Max((double)calls.Count / mostCalls, (double)characters / mostCharacters)));
        var since = DateTimeOffset.UnixEpoch.AddMinutes(newest - Minutes + 1);
        return (
            new CallSum(IsOff, since > _start ? since : _start, minutes.Sum(m => m.Seen), minutes.Sum(m => m.TooLarge)),
            [.. calls.Where((_, i) => i % step == 0).Select(c => c with { StandsFor = c.StandsFor * step })]);
    }

    private static long NumberOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / 60;

    private Minute MinuteOf(DateTimeOffset now)
    {
        var number = NumberOf(now);
        ref var place = ref _minutes[number % _minutes.Length];
        while (true)
        {
            var known = Volatile.Read(ref place);
            if (known?.Number >= number)
            {
                // A clock that was set back counts into the minute that it had come to.
                return known;
            }

            Interlocked.CompareExchange(ref place, new Minute(number, _perMinute), known);
        }
    }

    private ObservedNames NamesOf(EdgeRevision revision)
    {
        var known = Volatile.Read(ref _names);
        if (known is null || !ReferenceEquals(known.Revision, revision.Compilation))
        {
            // Two at a time may work it out; both come to the same.
            Volatile.Write(ref _names, known = new NamesOfRevision(revision.Compilation, RevisionNames.Of(revision.Compilation)));
        }

        return known.Names;
    }

    private sealed class Minute(long number, int calls)
    {
        public readonly CallRecord?[] Calls = new CallRecord?[calls];
        public long Seen;
        public long TooLarge;

        public long Number => number;
    }

    private sealed record NamesOfRevision(Sluice.Revisions.Compilation Revision, ObservedNames Names);
}
