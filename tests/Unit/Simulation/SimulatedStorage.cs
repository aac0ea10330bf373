namespace Sluice.Tests.Unit.Simulation;

/// <summary>How a swap ended, as far as the writer can know.</summary>
public enum SwapResult
{
    Done,

    /// <summary>412: another write came first.</summary>
    Conflict,

    /// <summary>An error: it may have been written, or may yet be.</summary>
    Unknown,
}

/// <summary>What a storage does to calls.</summary>
/// <param name="FailBefore">The chance that a write fails and is not there.</param>
/// <param name="FailAfter">The chance that a write fails though it is there.</param>
/// <param name="Slow">The chance that a call takes up to <paramref name="Slowest"/>.</param>
/// <param name="Slowest">The longest call, each way.</param>
public sealed record StorageFaults(double FailBefore, double FailAfter, double Slow, TimeSpan Slowest)
{
    public static StorageFaults None { get; } = new(0, 0, 0, TimeSpan.Zero);
}

/// <summary>One row with an ETag, linearizable as the real storages are. A write that is under way lands although its writer was killed.</summary>
public sealed class SimulatedStorage<TRow>(Simulator simulator, TRow first)
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(4);
    private TRow _row = first;
    private long _etag;

    /// <summary>What goes wrong with each call.</summary>
    public StorageFaults Faults { get; set; } = StorageFaults.None;

    /// <summary>As it is at this moment: for invariants, which see everything.</summary>
    public TRow Row => _row;

    /// <summary>Told of each row that was written, whatever its writer comes to know: for invariants.</summary>
    public Action<TRow>? Wrote { get; set; }

    /// <summary>Reads the row as it is at one moment between the call and its answer.</summary>
    public Task<(TRow Row, long ETag)> ReadAsync(SimulatedNode reader)
    {
        var answer = new TaskCompletionSource<(TRow, long)>();
        simulator.After(Way(), () =>
        {
            var seen = (_row, _etag);
            simulator.After(Way(), () => answer.SetResult(seen), reader);
        });
        return answer.Task;
    }

    /// <summary>Writes the row where it is still the one that was read.</summary>
    public Task<SwapResult> SwapAsync(SimulatedNode writer, long etag, TRow next)
    {
        var answer = new TaskCompletionSource<SwapResult>();
        simulator.After(Way(), () =>
        {
            var result = Write(etag, next);
            simulator.After(Way(), () => answer.SetResult(result), writer);
        });
        return answer.Task;
    }

    private SwapResult Write(long etag, TRow next)
    {
        if (simulator.Random.Happens(Faults.FailBefore))
        {
            return SwapResult.Unknown;
        }

        if (etag != _etag)
        {
            return SwapResult.Conflict;
        }

        (_row, _etag) = (next, _etag + 1);
        Wrote?.Invoke(next);
        return simulator.Random.Happens(Faults.FailAfter) ? SwapResult.Unknown : SwapResult.Done;
    }

    private TimeSpan Way() => simulator.Random.Between(TimeSpan.Zero, simulator.Random.Happens(Faults.Slow) ? Faults.Slowest : Usual);
}
