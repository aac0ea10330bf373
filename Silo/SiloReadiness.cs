using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Storage;

namespace Sluice.Silo;

/// <summary>
/// Whether this silo can do its part: it is active in its cluster, and its storage answers. Anybody may ask, however often: storage is read at most once a
/// second, by one read at a time.
/// </summary>
internal sealed class SiloReadiness(
    ISiloStatusOracle membership, [FromKeyedServices(NamedStorage.Default)] IGrainStorage storage, TimeProvider time, ILogger<SiloReadiness> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    // No grain has this name: the answer is that nothing is there, and it comes from where states rest.
    private static readonly GrainId Nobody = GrainId.Create("health", "ready");

    private readonly Lock _gate = new();

    // Both change together, under the gate.
    private Task<bool>? _read;
    private long _readAt;

    /// <summary>Why it is not ready, for anyone to read; null: it is. Answers within 3 s.</summary>
    public async Task<string?> FindFaultAsync(CancellationToken cancellation)
    {
        var status = membership.CurrentStatus;
        if (status is not SiloStatus.Active)
        {
            return $"the silo is {status.ToString().ToLowerInvariant()} in its cluster, not active";
        }

        try
        {
            return await Read().WaitAsync(Bound, time, cancellation) ? null : "the storage refuses to be read";
        }
        catch (TimeoutException)
        {
            return FormattableString.Invariant($"the storage does not answer in {Bound.TotalSeconds:0} s");
        }
    }

    private Task<bool> Read()
    {
        lock (_gate)
        {
            if (_read is null || (_read.IsCompleted && time.GetElapsedTime(_readAt) >= Kept))
            {
                (_read, _readAt) = (ReadAsync(), time.GetTimestamp());
            }

            return _read;
        }
    }

    private async Task<bool> ReadAsync()
    {
        try
        {
            await storage.ReadStateAsync("state", Nobody, new GrainState<Nothing>(new Nothing()));
            return true;
        }
        catch (Exception e)
        {
            log.LogWarning("This silo is not ready, its storage cannot be read: {Reason}", e.Message);
            return false;
        }
    }

    /// <summary>The state that is never there.</summary>
    private sealed record Nothing;
}
