namespace Sluice.Edge.Targets;

/// <summary>
/// Two attempts of one request at the same time, of which the first that gives a first byte answers. It promises: at most one of them ever writes to the client, and the other one is ended
/// in that moment. Safe for concurrent use.
/// </summary>
internal sealed class Race(CancellationToken client) : IDisposable
{
    private const int Alone = 0;
    private const int Both = 1;
    private const int Ended = 2;
    private const int Won = 3;
    private readonly CancellationTokenSource _first = CancellationTokenSource.CreateLinkedTokenSource(client);
    private readonly CancellationTokenSource _second = CancellationTokenSource.CreateLinkedTokenSource(client);
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // From Alone to Both, Ended or Won, from Both to Won; never back.
    private int _state;

    /// <summary>Ends when one of them answers, or no second one can join.</summary>
    public Task Decided => _decided.Task;

    /// <summary>Whether one of them answers.</summary>
    public bool IsWon => Volatile.Read(ref _state) == Won;

    /// <summary>Cancelled when the client leaves, or the other one answers.</summary>
    public CancellationToken TokenOf(bool isSecond) => isSecond ? _second.Token : _first.Token;

    /// <summary>The second one begins; false: the first one answers, or has ended.</summary>
    public bool TryJoin() => Interlocked.CompareExchange(ref _state, Both, Alone) == Alone;

    /// <summary>The first one failed before there was a second: nobody joins any more, and what follows is as without a race.</summary>
    public bool TryEndAlone()
    {
        if (Interlocked.CompareExchange(ref _state, Ended, Alone) != Alone)
        {
            return false;
        }

        _decided.TrySetResult();
        return true;
    }

    /// <summary>One of them is about to write to the client; false: it may not, for the other does.</summary>
    public bool TryWin(bool isSecond)
    {
        if (Interlocked.CompareExchange(ref _state, Won, Alone) != Alone && Interlocked.CompareExchange(ref _state, Won, Both) != Both)
        {
            return false;
        }

        (isSecond ? _first : _second).Cancel();
        _decided.TrySetResult();
        return true;
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
