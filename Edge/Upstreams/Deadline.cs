using System.Collections.Concurrent;

namespace Sluice.Edge.Upstreams;

/// <summary>Hands out deadlines, and can end all of them at once: the edge's end.</summary>
internal sealed class Deadlines : IDisposable
{
    private const int MostIdle = 1024;
    private readonly ConcurrentQueue<Deadline> _idle = new();
    private readonly CancellationTokenSource _end = new();

    /// <summary>Cancelled when everything under way is to end.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Begins to watch a client.</summary>
    public Deadline Rent(CancellationToken client)
    {
        var deadline = _idle.TryDequeue(out var idle) ? idle : new Deadline(this);
        deadline.Watch(client);
        return deadline;
    }

    /// <summary>Ends all that is under way, and all that begins.</summary>
    public void EndAll() => _end.Cancel();

    public void Dispose() => _end.Dispose();

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
}

/// <summary>
/// A cancellation that comes when the client leaves, a bound of time passes or the edge ends, whichever is first; rented, since a timer for each request is dear.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private readonly Deadlines _all;
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _end;
    private CancellationTokenRegistration _client;
    private CancellationToken _clientToken;

    /// <summary>For <see cref="Deadlines"/> alone.</summary>
    internal Deadline(Deadlines all)
    {
        _all = all;
        _end = all.End.UnsafeRegister(static state => ((Deadline)state!)._source.Cancel(), this);
    }

    /// <summary>Cancelled by the client's leaving, by the bound or by the edge's end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the edge ends.</summary>
    public bool IsEnd => _all.End.IsCancellationRequested;

    /// <summary>Whether time ran out, or the edge ends, while the client was still there.</summary>
    public bool Passed => _source.IsCancellationRequested && !_clientToken.IsCancellationRequested;

    /// <summary>Sets the bound anew, from now.</summary>
    public void In(TimeSpan time) => _source.CancelAfter(time);

    public void Dispose()
    {
        _client.Dispose();
        if (!_source.TryReset() || !_all.TryKeep(this))
        {
            _end.Dispose();
            _source.Dispose();
        }
    }

    internal void Watch(CancellationToken client)
    {
        _clientToken = client;
        _client = client.UnsafeRegister(static state => ((Deadline)state!)._source.Cancel(), this);
    }
}
