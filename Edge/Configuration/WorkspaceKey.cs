using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Edge.Configuration;

/// <summary>The key that all edges of the workspace share, from which those of one purpose each are derived. It is asked of a silo once, when it is first needed, and stays in memory.</summary>
internal sealed class WorkspaceKey(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<WorkspaceKey> log)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private byte[]? _key;
    private long _failedAt;

    /// <summary>The key, of 256 bits.</summary>
    /// <exception cref="TimeoutException">It is not known yet, and no silo told it in time. The call's own failure passes through.</exception>
    public ValueTask<byte[]> GetAsync(CancellationToken cancellation) => Volatile.Read(ref _key) is { } key ? ValueTask.FromResult(key) : new ValueTask<byte[]>(AskAsync(cancellation));

    private async Task<byte[]> AskAsync(CancellationToken cancellation)
    {
        // Once it could not be had, one request in a while asks for all: those that can do without do not wait for it each in its turn.
        var failed = Volatile.Read(ref _failedAt);
        if (failed != 0 && (time.GetElapsedTime(failed) < Pause || Interlocked.CompareExchange(ref _failedAt, time.GetTimestamp(), failed) != failed))
        {
            throw new TimeoutException("A moment ago no silo told it.");
        }

        try
        {
            var key = Convert.FromBase64String((await cluster.GetGrain<IEdgeSecretsGrain>(start.Workspace).KeptIdKeyAsync().WaitAsync(Bound, time, cancellation)).Value);
            Volatile.Write(ref _key, key);
            return key;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            log.LogWarning("The key that edges share could not be had: {Reason}", e.Message);
            throw;
        }
    }
}
