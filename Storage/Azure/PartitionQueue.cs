using System.Threading.Channels;

namespace Sluice.Storage.Azure;

/// <summary>
/// The writes of one partition, in the order they came. While one transaction is on its way the next gathers, so that many writers share the way to
/// Azure and back, and a lone one waits for nobody.
/// </summary>
internal sealed class PartitionQueue : IAsyncDisposable
{
    // A transaction holds 4 MiB; the rest is for what the envelope may take more than was reckoned.
    private const int MostBytes = 3 * 1024 * 1024;

    private readonly Channel<TableWrite> _waiting;
    private readonly TransactionRunner _runner;
    private readonly int _mostWrites;
    private readonly Task _loop;

    public PartitionQueue(TransactionRunner runner, int mostWrites, int length)
    {
        (_runner, _mostWrites) = (runner, mostWrites);
        _waiting = Channel.CreateBounded<TableWrite>(new BoundedChannelOptions(length) { SingleReader = true });
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Hands over a write; waits for a place where the queue is full.</summary>
    public async Task AddAsync(TableWrite write, CancellationToken cancellation)
    {
        try
        {
            await _waiting.Writer.WriteAsync(write, cancellation);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The Azure grain storage is closed.", e);
        }
    }

    /// <summary>Carries out what waits, each write within its deadline, and takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
    }

    private async Task LoopAsync()
    {
        var batch = new List<TableWrite>();
        var rows = new HashSet<string>(StringComparer.Ordinal);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            rows.Clear();
            var bytes = 0;

            // A transaction names a row once: the second write of a row begins the next one.
            while (batch.Count < _mostWrites && _waiting.Reader.TryPeek(out var next)
                && (batch.Count == 0 || (bytes + next.Bytes <= MostBytes && !rows.Contains(next.Key.Row))))
            {
                _waiting.Reader.TryRead(out _);
                bytes += next.Bytes;
                if (next.Attempts.Left == TimeSpan.Zero)
                {
                    next.Answer.TrySetException(next.Attempts.Over($"write {next.Key}"));
                    continue;
                }

                rows.Add(next.Key.Row);
                batch.Add(next);
            }

            try
            {
                // Not cancelled: each write ends by its own deadline.
                await _runner.RunAsync(batch, CancellationToken.None);
            }
            catch (Exception e)
            {
                foreach (var write in batch)
                {
                    write.Answer.TrySetException(e);
                }
            }
        }
    }
}
