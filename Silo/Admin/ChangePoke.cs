using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Silo.Admin;

/// <summary>Wakes watchers when the workspace changed. The stream only pokes: what changed is read from the change log, so nothing is missed or told twice.</summary>
internal sealed class ChangePoke(IClusterClient cluster, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ChangePoke> log) : IHostedService
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);

    private TaskCompletionSource _next = NewSource();
    private StreamSubscriptionHandle<Change>? _subscription;

    /// <summary>Ends when the host begins to stop.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Ends at the next change. Taken before the log is read, so that none falls between.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stream = cluster.GetStreamProvider(ChangeStream.Provider).GetStream<Change>(StreamId.Create(ChangeStream.Namespace, AdminApi.Workspace));
            _subscription = await stream.SubscribeAsync((_, _) =>
            {
                Interlocked.Exchange(ref _next, NewSource()).TrySetResult();
                return Task.CompletedTask;
            }).WaitAsync(CallBound, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            log.LogWarning("The change stream could not be subscribed: watchers look into the change log instead");
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_subscription is { } subscription)
        {
            try
            {
                await subscription.UnsubscribeAsync().WaitAsync(CallBound, time, cancellationToken);
            }
            catch (Exception failure) when (failure is TimeoutException or OrleansException or OperationCanceledException)
            {
                log.LogDebug("The subscription could not be ended; the first event that finds it gone will: {Reason}", failure.Message);
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
