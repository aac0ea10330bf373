using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Metrics;

/// <summary>
/// Counts publishes by who asked for them, where that was asked for: names of people and keys are in no metric else. So many authors as the setting allows have series of
/// their own, from their first publish until the silo's end, each outcome from 0 on; those who come later share one, so that nobody can make more of them.
/// </summary>
public sealed class AuthorMeter
{
    /// <summary>Whose series those share who have none of their own.</summary>
    public const string Others = "other";

    private static readonly string[] Outcomes = [.. Enum.GetValues<ReloadOutcome>().Select(outcome => outcome.ToString().ToLowerInvariant())];

    private readonly Lock _lock = new();
    private readonly int _most;

    // By author, each outcome at its place; used under the lock.
    private readonly Dictionary<string, long[]> _counts = new(StringComparer.Ordinal);

    /// <summary>Makes the instrument among the silo's others.</summary>
    public AuthorMeter(ReloadMeter silo, IOptions<MetricOptions> options)
    {
        _most = options.Value.ReloadAuthors;
        if (_most > 0)
        {
            _counts[Others] = new long[Outcomes.Length];
        }

        var metric = ReloadMetrics.Authors;
        silo.Meter.CreateObservableCounter(metric.Name, Read, metric.Unit, metric.Description);
    }

    /// <summary>Counts a publish.</summary>
    internal void Count(string author, ReloadOutcome outcome)
    {
        if (_most == 0)
        {
            return;
        }

        lock (_lock)
        {
            // The series of the others is one more.
            if (!_counts.TryGetValue(author, out var counts))
            {
                counts = _counts.Count > _most ? _counts[Others] : _counts[author] = new long[Outcomes.Length];
            }

            counts[(int)outcome]++;
        }
    }

    private List<Measurement<long>> Read()
    {
        lock (_lock)
        {
            return
            [
                .. from author in _counts
                   from outcome in Outcomes.Index()
                   select new Measurement<long>(author.Value[outcome.Index], KeyValuePair.Create<string, object?>("author", author.Key), KeyValuePair.Create<string, object?>("outcome", outcome.Item)),
            ];
        }
    }
}
