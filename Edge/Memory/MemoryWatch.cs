using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Memory;

/// <summary>
/// Watches this process's memory, so that new requests are refused before the system ends it and all that is under way with it. Requests read one field. See docs/operations.md, "Memory".
/// </summary>
internal sealed class MemoryWatch : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Func<MemoryReading> _read;
    private readonly Action _collect;
    private readonly MemoryRule? _rule;
    private readonly TimeProvider _time;
    private readonly ILogger<MemoryWatch> _log;
    private volatile bool _isFull;
    private volatile ClientError? _refusal;
    private long _refused;

    /// <summary>Over what the runtime tells.</summary>
    public MemoryWatch(EdgeOptions options, TimeProvider time, ILogger<MemoryWatch> log)
        : this(options, () => MemoryReading.Now(options.MemoryBytes), static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true), time, log)
    {
    }

    /// <summary>Over readings that are given.</summary>
    internal MemoryWatch(EdgeOptions options, Func<MemoryReading> read, Action collect, TimeProvider time, ILogger<MemoryWatch> log)
    {
        (_read, _collect, _time, _log) = (read, collect, time, log);
        _rule = options.MemoryFullAt == 0 ? null : new MemoryRule(options.MemoryFullAt / 100.0);
        Look();
    }

    /// <summary>Whether new requests are refused.</summary>
    public bool IsFull => _isFull;

    /// <summary>How many were.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Why nothing is taken, for health checks.</summary>
    public string Why => _refusal?.Message ?? "";

    /// <summary>A request is refused: what its client is told.</summary>
    public ClientError Refuse()
    {
        Interlocked.Increment(ref _refused);
        return _refusal!;
    }

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        if (_rule is null)
        {
            return;
        }

        var reading = _read();
        var move = _rule.Look(reading, Now);
        if (move is MemoryMove.Collect)
        {
            _collect();
            reading = _read();
            move = _rule.Look(reading, Now);
        }

        if (move is MemoryMove.Filled)
        {
            var share = string.Create(CultureInfo.InvariantCulture, $"{reading.Share * 100:0} %");
            _refusal = new ClientError(
                503, $"This edge has used {share} of the memory that it may have, and takes no new requests until less is used. Ask again, so that another edge may answer.", "service_unavailable", RetryAfter: Pause);
            (_isFull, ReturnedBuffers.AreDropped) = (true, true);
            _log.LogWarning(
                "Memory is full: heap {Heap} of {MostHeap} MiB, process {Resident} of {MostResident} MiB. New requests are answered 503 until less is used; those under way go on.",
                reading.Heap >> 20, reading.MostHeap >> 20, reading.Resident >> 20, reading.MostResident >> 20);
        }
        else if (move is MemoryMove.Freed)
        {
            (_isFull, ReturnedBuffers.AreDropped) = (false, false);
            _log.LogInformation("Memory is free again: heap {Heap} MiB, process {Resident} MiB. Requests are taken; {Refused} were refused since the start.", reading.Heap >> 20, reading.Resident >> 20, Refused);
        }
    }

    public override void Dispose()
    {
        ReturnedBuffers.AreDropped &= !_isFull;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_rule is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(0);
}
