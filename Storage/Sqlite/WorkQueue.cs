using System.Threading.Channels;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// Work for threads of our own: SQLite's calls block, and neither a grain's turn nor the thread pool shall wait for a disk. The queue is bounded;
/// who comes when it is full waits without blocking.
/// </summary>
internal sealed class WorkQueue<TRequest, TAnswer>(int length)
{
    private readonly Channel<Work> _channel = Channel.CreateBounded<Work>(new BoundedChannelOptions(length));

    /// <summary>Hands over a request and waits for its answer. Cancellation ends the wait for a place; what has a place is carried out.</summary>
    public async Task<TAnswer> RunAsync(TRequest request, CancellationToken cancellation)
    {
        var work = new Work(request, new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _channel.Writer.WriteAsync(work, cancellation);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The SQLite storage is closed.", e);
        }

        return await work.Answer.Task;
    }

    /// <summary>Takes no more; what is queued is still carried out.</summary>
    public void Close() => _channel.Writer.TryComplete();

    /// <summary>Blocks until there is work, then takes what there is, at most <paramref name="most"/>. False: closed, and all is done.</summary>
    public bool Take(List<Work> batch, int most)
    {
        batch.Clear();
        while (batch.Count == 0)
        {
            var ready = _channel.Reader.WaitToReadAsync();

            // This runs on a thread made for it, which has nothing else to do than to wait.
            if (!(ready.IsCompletedSuccessfully ? ready.GetAwaiter().GetResult() : ready.AsTask().GetAwaiter().GetResult()))
            {
                return false;
            }

            while (batch.Count < most && _channel.Reader.TryRead(out var work))
            {
                batch.Add(work);
            }
        }

        return true;
    }

    /// <summary>A request and where its answer goes.</summary>
    internal sealed record Work(TRequest Request, TaskCompletionSource<TAnswer> Answer);
}
