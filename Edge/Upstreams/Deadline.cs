using System.Collections.Concurrent;

namespace Sluice.Edge.Upstreams;

/// <summary>A cancellation that comes when the client leaves or a bound of time passes, whichever is first; rented, since a timer for each request is dear.</summary>
internal sealed class Deadline : IDisposable
{
    private const int MostIdle = 1024;
    private static readonly ConcurrentQueue<Deadline> Idle = new();

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _client;
    private CancellationToken _clientToken;

    private Deadline()
    {
    }

    /// <summary>Cancelled by the client's leaving or by the bound.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether time ran out while the client was still there.</summary>
    public bool Passed => _source.IsCancellationRequested && !_clientToken.IsCancellationRequested;

    /// <summary>Begins to watch a client.</summary>
    public static Deadline Rent(CancellationToken client)
    {
        var deadline = Idle.TryDequeue(out var idle) ? idle : new Deadline();
        deadline._clientToken = client;
        deadline._client = client.UnsafeRegister(static state => ((Deadline)state!)._source.Cancel(), deadline);
        return deadline;
    }

    /// <summary>Sets the bound anew, from now.</summary>
    public void In(TimeSpan time) => _source.CancelAfter(time);

    public void Dispose()
    {
        _client.Dispose();
        if (_source.TryReset() && Idle.Count < MostIdle)
        {
            Idle.Enqueue(this);
        }
        else
        {
            _source.Dispose();
        }
    }
}
