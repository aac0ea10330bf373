using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Alerts;

/// <summary>
/// The alerts of one workspace; its key is the workspace's name. It promises: each begin and end of an alert is stored, told as a change and given to the webhooks that want it, at least once,
/// whichever silos are lost meanwhile. See docs/alerts.md.
/// </summary>
[Alias("sluice.alerts")]
public interface IAlertsGrain : IEdgeAlertsGrain
{
    /// <summary>Every alert that is evaluated, with what it stands at.</summary>
    [Alias("list")]
    Task<ImmutableArray<AlertStatus>> ListAsync();

    /// <summary>The last begins and ends, the newest first.</summary>
    [Alias("history")]
    Task<ImmutableArray<AlertTransition>> HistoryAsync();

    /// <summary>What is silenced.</summary>
    [Alias("silences")]
    Task<ImmutableArray<AlertSilence>> SilencesAsync();

    /// <summary>Silences an alert; null where there are as many silences as are kept.</summary>
    [Alias("silence")]
    Task<AlertSilence?> SilenceAsync(string alert, string? about, TimeSpan time, string by, string? reason);

    /// <summary>Ends a silence; false: there is none of this id.</summary>
    [Alias("unsilence")]
    Task<bool> UnsilenceAsync(string id);
}

/// <summary>What an edge may ask of an <see cref="IAlertsGrain"/>.</summary>
[EdgeCallable, Alias("sluice.alerts-edge")]
public interface IEdgeAlertsGrain : IGrainWithStringKey
{
    /// <summary>Takes what the instruments of a process stand at; answers what is wanted of them next.</summary>
    [Alias("report")]
    Task<ReadingsWanted> ReportAsync(ProcessReadings readings);

    /// <summary>The process ends as it was asked to: that it is silent from now on is no alert.</summary>
    [Alias("leave")]
    Task LeaveAsync(string process);
}

/// <summary>What is wanted of each process.</summary>
/// <param name="Names">The names of series as in Prometheus' text.</param>
/// <param name="Every">How often.</param>
[GenerateSerializer, Immutable, Alias("sluice.readings-wanted")]
public sealed record ReadingsWanted([property: Id(0)] ImmutableArray<string> Names, [property: Id(1)] TimeSpan Every);

/// <summary>What the instruments of a process stand at.</summary>
/// <param name="Process">Its id: another one at each start.</param>
/// <param name="IsSilo">Whether it is a silo; else an edge.</param>
/// <param name="Names">The names that were asked for: of those without a series there is none yet.</param>
/// <param name="Series">At most <see cref="MostSeries"/>.</param>
[GenerateSerializer, Immutable, Alias("sluice.process-readings")]
public sealed record ProcessReadings(
    [property: Id(0)] string Process, [property: Id(1)] bool IsSilo, [property: Id(2)] ImmutableArray<string> Names, [property: Id(3)] ImmutableArray<SeriesReading> Series)
{
    /// <summary>The most series of one report; what is more is left out.</summary>
    public const int MostSeries = 1_000;
}

/// <summary>What one series stands at.</summary>
/// <param name="Name">As in Prometheus' text.</param>
/// <param name="Labels">As there, sorted by name: <c>outcome="5xx"</c>, separated by commas.</param>
[GenerateSerializer, Immutable, Alias("sluice.series-reading")]
public sealed record SeriesReading([property: Id(0)] string Name, [property: Id(1)] string Labels, [property: Id(2)] double Value);
