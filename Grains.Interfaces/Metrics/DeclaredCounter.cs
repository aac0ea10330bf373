using System.Diagnostics.Metrics;

namespace Sluice.Grains.Interfaces.Metrics;

/// <summary>
/// A counter with a series for each of its declared tags' values, from the start and at 0: whoever asks for an increase sees the first one too, and no value makes a
/// series that nobody expects. Safe for concurrent use; counting allocates nothing.
/// </summary>
public sealed class DeclaredCounter
{
    private readonly Metric _metric;
    private readonly long[] _counts;
    private readonly KeyValuePair<string, object?>[][] _tags;

    /// <summary>Makes the instrument.</summary>
    public DeclaredCounter(Meter meter, Metric metric)
    {
        _metric = metric;
        _tags = [.. metric.Tags.Aggregate<MetricTag, IEnumerable<KeyValuePair<string, object?>[]>>(
            [[]], (rows, tag) => rows.SelectMany(row => tag.Values.Select(value => (KeyValuePair<string, object?>[])[.. row, new(tag.Name, value)])))];
        _counts = new long[_tags.Length];
        meter.CreateObservableCounter(metric.Name, () => _tags.Select((tags, i) => new Measurement<long>(Volatile.Read(ref _counts[i]), tags)), metric.Unit, metric.Description);
    }

    /// <summary>Counts.</summary>
    /// <param name="by">0 or more.</param>
    /// <param name="values">Of each tag, in the order of their declaration. One that is not declared counts as the last of its tag.</param>
    public void Add(long by, params ReadOnlySpan<string> values)
    {
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            at = (at * _metric.Tags[i].Values.Count) + IndexOf(_metric.Tags[i].Values, values[i]);
        }

        Interlocked.Add(ref _counts[at], by);
    }

    private static int IndexOf(IReadOnlyList<string> known, string value)
    {
        for (var i = 0; i < known.Count; i++)
        {
            if (string.Equals(known[i], value, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return known.Count - 1;
    }
}
