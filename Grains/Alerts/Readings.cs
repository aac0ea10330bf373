using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Grains.Alerts;

/// <summary>
/// What processes told of their instruments, as far as alerts need it: of gauges what each process told last, of counters by how much they grew, over all processes and by time. It promises bounds of
/// processes, series and time. In memory alone: whoever takes over begins anew, and asks <see cref="Since"/>. Plain rules.
/// </summary>
internal sealed class Readings(DateTimeOffset since, TimeSpan every)
{
    /// <summary>One that was silent for so long is forgotten.</summary>
    public static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private const int MostProcesses = 5_000;
    private const int MostSeries = 5_000;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, string Labels), Queue<Growth>> _grown = [];

    /// <summary>A process that told nothing for so long is silent, and what it told counts no more.</summary>
    public TimeSpan Fresh => every * 3.5;

    /// <summary>Since when it is told.</summary>
    public DateTimeOffset Since => since;

    /// <summary>Takes what a process told.</summary>
    public void Take(ProcessReadings readings, DateTimeOffset now)
    {
        var isKnown = _told.TryGetValue(readings.Process, out var before);
        if (!isKnown && _told.Count >= MostProcesses)
        {
            return;
        }

        var values = new Dictionary<(string, string), double>();
        foreach (var series in readings.Series.Take(ProcessReadings.MostSeries))
        {
            values[(series.Name, series.Labels)] = series.Value;

            // A series that a known process had not told begins at 0; of one that was not known what it had before is of before. A counter that shrank began anew.
            var last = before?.Values.GetValueOrDefault((series.Name, series.Labels)) ?? series.Value;
            Grow(series, before is not null && !before.Names.Contains(series.Name) ? 0 : series.Value < last ? series.Value : series.Value - last, now);
        }

        _told[readings.Process] = new Told(now, readings.IsSilo, values, [.. readings.Names]);
    }

    /// <summary>A process ended as it was asked to.</summary>
    public void Leave(string process) => _told.Remove(process);

    /// <summary>Lets go of what is too old.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var (process, told) in _told.Where(t => now - t.Value.At > Forgotten).ToArray())
        {
            _told.Remove(process);
        }

        foreach (var (series, growth) in _grown.ToArray())
        {
            while (growth.TryPeek(out var oldest) && now - oldest.At > Kept)
            {
                growth.Dequeue();
            }

            if (growth.Count == 0)
            {
                _grown.Remove(series);
            }
        }
    }

    /// <summary>How many processes of a kind are silent.</summary>
    public int Silent(bool silos, DateTimeOffset now) => _told.Values.Count(t => t.IsSilo == silos && now - t.At > Fresh);

    /// <summary>What gauges of a name stand at, each process and series apart.</summary>
    public IEnumerable<(string Labels, double Value)> Now(string name, DateTimeOffset now) =>
        from told in _told.Values
        where now - told.At <= Fresh
        from value in told.Values
        where string.Equals(value.Key.Name, name, StringComparison.Ordinal)
        select (value.Key.Labels, value.Value);

    /// <summary>By how much counters of a name grew, over all processes.</summary>
    public IEnumerable<(string Labels, double Value)> Grown(string name, TimeSpan over, DateTimeOffset now) =>
        from growth in _grown
        where string.Equals(growth.Key.Name, name, StringComparison.Ordinal)
        select (growth.Key.Labels, growth.Value.Where(g => now - g.At < over).Sum(g => g.By));

    private void Grow(SeriesReading series, double by, DateTimeOffset now)
    {
        if (by <= 0)
        {
            return;
        }

        if (!_grown.TryGetValue((series.Name, series.Labels), out var growth))
        {
            if (_grown.Count >= MostSeries)
            {
                return;
            }

            _grown.Add((series.Name, series.Labels), growth = new Queue<Growth>());
        }

        if (growth.Count > 0 && growth.Last() is { } newest && newest.At == now)
        {
            newest.By += by;
        }
        else
        {
            growth.Enqueue(new Growth(now) { By = by });
        }
    }

    private sealed record Told(DateTimeOffset At, bool IsSilo, Dictionary<(string Name, string Labels), double> Values, ImmutableHashSet<string> Names);

    private sealed class Growth(DateTimeOffset at)
    {
        public DateTimeOffset At => at;

        public double By { get; set; }
    }
}
