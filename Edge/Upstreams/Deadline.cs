using System.Collections.Concurrent;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Upstreams;

/// <summary>
/// Hands out deadlines, and can end all of them at once: the edge's end. A timer for each request is dear, so one looks after all, in steps of 50 ms: a bound is kept to that exactness.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    private const int MostIdle = 1024;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentQueue<Deadline> _idle = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Deadline> _all = [];
    private readonly ITimer _timer;

    public Deadlines(TimeProvider time)
    {
        Time = time;
        _timer = time.CreateTimer(_ => Sweep(), null, Step, Step);
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Cancelled when everything under way is to end.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Begins to watch a client.</summary>
    public Deadline Rent(CancellationToken client)
    {
        var deadline = _idle.TryDequeue(out var idle) ? idle : Create();
        deadline.Watch(client);
        return deadline;
    }

    /// <summary>The timestamp after a time from now.</summary>
    public long After(TimeSpan time) => Time.GetTimestamp() + (long)(time.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Ends all that is under way, and all that begins.</summary>
    public void EndAll() => _end.Cancel();

    public void Dispose()
    {
        _timer.Dispose();
        _end.Dispose();
    }

    /// <summary>Keeps a deadline for the next request; false where there are enough.</summary>
    internal bool TryKeep(Deadline deadline)
    {
        if (_idle.Count >= MostIdle)
        {
            return false;
        }

        _idle.Enqueue(deadline);
        return true;
    }

    /// <summary>A deadline is not used any more.</summary>
    internal void Forget(Deadline deadline)
    {
        lock (_gate)
        {
            // The last one takes its place: their order means nothing.
            var last = _all[^1];
            _all[deadline.Place] = last;
            last.Place = deadline.Place;
            _all.RemoveAt(_all.Count - 1);
        }
    }

    private Deadline Create()
    {
        var deadline = new Deadline(this);
        lock (_gate)
        {
            deadline.Place = _all.Count;
            _all.Add(deadline);
        }

        return deadline;
    }

    private void Sweep()
    {
        var now = Time.GetTimestamp();
        List<Deadline>? passed = null;
        List<StreamSilence>? silent = null;
        lock (_gate)
        {
            foreach (var deadline in _all)
            {
                if (deadline.TryPass(now))
                {
                    (passed ??= []).Add(deadline);
                }
                else if (deadline.TrySpeak(now) is { } silence)
                {
                    (silent ??= []).Add(silence);
                }
            }
        }

        // Outside the lock: whoever waits goes on within this call.
        foreach (var deadline in passed ?? [])
        {
            deadline.Cancel();
        }

        foreach (var silence in silent ?? [])
        {
            silence.Speak();
        }
    }
}

/// <summary>A cancellation that comes when the client leaves, a bound of time passes or the edge ends, whichever is first; rented for a request.</summary>
internal sealed class Deadline : IDisposable
{
    private const long None = long.MaxValue;
    private const long IsPassed = long.MinValue;
    private readonly Deadlines _all;
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _end;
    private CancellationTokenRegistration _client;
    private CancellationToken _clientToken;
    private long _due = None;
    private long _latest = None;
    private long _silentTill = None;
    private StreamSilence? _silence;

    /// <summary>For <see cref="Deadlines"/> alone.</summary>
    internal Deadline(Deadlines all)
    {
        _all = all;
        _end = all.End.UnsafeRegister(static state => ((Deadline)state!).Cancel(), this);
    }

    /// <summary>Cancelled by the client's leaving, by the bound or by the edge's end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the edge ends.</summary>
    public bool IsEnd => _all.End.IsCancellationRequested;

    /// <summary>Whether time ran out, or the edge ends, while the client was still there.</summary>
    public bool Passed => _source.IsCancellationRequested && !_clientToken.IsCancellationRequested;

    /// <summary>Where it stands among all; under their gate.</summary>
    internal int Place { get; set; }

    /// <summary>No bound is later than this timestamp, however often it is set anew.</summary>
    public void NotAfter(long latest) => _latest = latest;

    /// <summary>Sets the bound anew, from now.</summary>
    public void In(TimeSpan time)
    {
        var due = Math.Min(_latest, _all.After(time));
        if (Interlocked.Exchange(ref _due, due) == IsPassed)
        {
            Volatile.Write(ref _due, IsPassed);
        }
    }

    /// <summary>Has it told once the time from now is over, unless it is set anew.</summary>
    public void WatchSilence(StreamSilence silence, TimeSpan time)
    {
        Volatile.Write(ref _silence, silence);
        Volatile.Write(ref _silentTill, _all.After(time));
    }

    public void Dispose()
    {
        _client.Dispose();
        Volatile.Write(ref _silentTill, None);
        Volatile.Write(ref _silence, null);

        // One that has passed may be about to be cancelled: it must not be cancelled in the hands of the next request.
        if (Interlocked.Exchange(ref _due, None) == IsPassed || !_source.TryReset() || !_all.TryKeep(this))
        {
            _all.Forget(this);
            _end.Dispose();
        }
    }

    /// <summary>Whether the bound is over: true once.</summary>
    internal bool TryPass(long now)
    {
        var due = Volatile.Read(ref _due);
        return due is not (None or IsPassed) && due <= now && Interlocked.CompareExchange(ref _due, IsPassed, due) == due;
    }

    /// <summary>Whose silence is over: once each time.</summary>
    internal StreamSilence? TrySpeak(long now)
    {
        var till = Volatile.Read(ref _silentTill);
        return till <= now && Interlocked.CompareExchange(ref _silentTill, None, till) == till ? Volatile.Read(ref _silence) : null;
    }

    internal void Cancel() => _source.Cancel();

    internal void Watch(CancellationToken client)
    {
        (_clientToken, _latest) = (client, None);
        _client = client.UnsafeRegister(static state => ((Deadline)state!).Cancel(), this);
    }
}
