using System.Collections.Frozen;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Revisions.Alerts;

/// <summary>
/// Tells the grain of a workspace's alerts what the instruments of this process stand at, as often as it wants and of what it wants. What could not be told is told with the next: counters only grow. When
/// it is ended it says so, that its silence is no alert.
/// </summary>
/// <param name="grains">The way to the grain.</param>
/// <param name="workspace">Whose alerts.</param>
/// <param name="process">The process's id, never used again.</param>
/// <param name="isSilo">What it is.</param>
/// <param name="scrape">Writes the text of <c>/metrics</c>.</param>
/// <param name="time">The clock.</param>
public sealed class ReadingsReporter(IGrainFactory grains, string workspace, string process, bool isSilo, Func<CancellationToken, Task<string>> scrape, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveBound = TimeSpan.FromSeconds(2);
    private ReadingsWanted _wanted = new([], TimeSpan.FromSeconds(1));

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="failed">Is told why it could not be told.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(Action<Exception> failed, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(_wanted.Every < Longest ? _wanted.Every : Longest, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                stopping.ThrowIfCancellationRequested();
                var names = _wanted.Names;
                var series = names.IsEmpty ? [] : PrometheusText.Read(await scrape(stopping), names.ToFrozenSet(StringComparer.Ordinal));
                _wanted = await Grain.ReportAsync(new ProcessReadings(process, isSilo, names, series)).WaitAsync(CallBound, time, stopping);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                failed(failure);
            }
            catch (OperationCanceledException)
            {
                // It is asked to end.
            }
        }
    }

    /// <summary>Says that the process ends, for 2 s at most.</summary>
    public Task LeaveAsync() => Grain.LeaveAsync(process).WaitAsync(LeaveBound, time);

    private IEdgeAlertsGrain Grain => grains.GetGrain<IEdgeAlertsGrain>(workspace);
}
