using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sluice.Edge.Calls;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.CallLog;

/// <summary>
/// Calls that wait to be sent to the call log. It promises that no request waits for it: what finds no room is dropped and counted, and of successes no more than so many a second are
/// taken, so that an edge at its full rate serves as many as it did. See docs/calls.md.
/// </summary>
internal sealed class CallBuffer(EdgeOptions options, Configuration.EdgeStart start, TimeProvider time)
{
    private const int MostOfHost = 256;
    private const int MostOfPath = 512;
    private readonly ConcurrentQueue<LoggedCall> _calls = new();
    private readonly SecondRoom _ofModels = new(time, options.CallLogModelRate);
    private readonly SecondRoom _ofRoutes = new(time, options.CallLogRate);
    private int _waiting;
    private long _logged;
    private long _full;
    private long _passedOver;

    /// <summary>Whether calls are logged at all.</summary>
    public bool IsOn => options.CallLog > 0;

    /// <summary>Calls that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Calls that rest in the log.</summary>
    public long Logged => Interlocked.Read(ref _logged);

    /// <summary>Calls for which there was no room.</summary>
    public long Full => Interlocked.Read(ref _full);

    /// <summary>Successes above so many a second.</summary>
    public long PassedOver => Interlocked.Read(ref _passedOver);

    /// <summary>What is noted of a request for a model; null: nothing is logged.</summary>
    public CallMarks? Begin(long arrived) => IsOn ? new CallMarks(time, arrived, notes: !_ofModels.IsFull) : null;

    /// <summary>A call was answered.</summary>
    public void Note(in Arrival arrival, in EndedCall call)
    {
        if (!IsOn || arrival.Marks?.TryTake() is false)
        {
            return;
        }

        if (call.Settlement.Status < 400 && (arrival.Marks is { } marks ? !marks.Notes || !_ofModels.TryTake() : !_ofRoutes.TryTake()))
        {
            Interlocked.Increment(ref _passedOver);
            return;
        }

        if (Interlocked.Increment(ref _waiting) > options.CallLog)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _full);
            return;
        }

        _calls.Enqueue(Make(arrival, call));
    }

    /// <summary>Takes the oldest of a day.</summary>
    /// <param name="most">How many at most.</param>
    /// <returns>Empty: none wait. The next of another day end it.</returns>
    public ImmutableArray<LoggedCall> Take(int most)
    {
        var taken = ImmutableArray.CreateBuilder<LoggedCall>();
        var day = 0;
        while (taken.Count < most && _calls.TryPeek(out var next) && (day == 0 || day == UsageRows.DayOf(next.Ended)))
        {
            // One takes at a time: what was looked at is what comes.
            day = UsageRows.DayOf(next.Ended);
            _calls.TryDequeue(out _);
            taken.Add(next);
        }

        return taken.DrainToImmutable();
    }

    /// <summary>Calls rest in the log, or are given up: their room is free.</summary>
    public void Leave(int count, bool isLogged)
    {
        Interlocked.Add(ref _waiting, -count);
        Interlocked.Add(ref isLogged ? ref _logged : ref _full, count);
    }

    private LoggedCall Make(in Arrival arrival, in EndedCall call)
    {
        var request = arrival.Http.Request;
        var identity = call.Caller?.Identity;
        var used = call.Settlement;
        var tries = arrival.Marks?.Tries ?? [];
        var told = call.Told ?? Answers.Told(arrival.Http);
        var now = time.GetTimestamp();
        var ended = (long)time.GetElapsedTime(arrival.At, now).TotalMicroseconds;
        var arrived = time.GetUtcNow().AddTicks(-ended * TimeSpan.TicksPerMicrosecond);
        return new LoggedCall(
            arrival.RequestId,
            identity?.Tenant ?? IEdgeUsageGrain.PublicTenant,
            identity?.KeyId ?? "",
            identity?.User ?? "",
            call.Tags.IsDefault ? [] : call.Tags,
            request.Method,
            Shown(request.Host.Value, MostOfHost),
            Shown(request.Path.Value, MostOfPath),
            call.Outcome,
            call.Target,
            arrival.Prompt ?? "",
            call.Stream,
            used.Status,
            used.Source,
            used.Tokens,
            tries.IsEmpty ? call.CostNano ?? 0 : tries.Sum(one => one.CostNano),
            arrived.AddTicks(-(arrived.Ticks % TimeSpan.TicksPerMicrosecond)),
            new CallTimes(
                arrival.Marks?.Matched,
                tries.IsEmpty ? null : tries.Min(one => one.Admitted),
                used.AnsweredAt == 0 ? null : (long)time.GetElapsedTime(arrival.At, used.AnsweredAt).TotalMicroseconds,
                ended),
            tries,
            start.Id,
            arrival.Revision.Head.Revision,
            told?.Code ?? "",
            told?.By ?? "")
        { Saved = used.Saved };
    }

    // A key is not kept wherever it stands.
    private static string Shown(string? text, int most) =>
        text is null ? "" : HeaderRules.HoldsKey(text) ? "***" : text.Length > most ? text[..most] : text;
}
