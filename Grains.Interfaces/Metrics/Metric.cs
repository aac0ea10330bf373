namespace Sluice.Grains.Interfaces.Metrics;

/// <summary>What a metric is to those who read it.</summary>
public enum MetricShape
{
    /// <summary>A value of now.</summary>
    Gauge,

    /// <summary>A sum that only grows, from the process's start.</summary>
    Counter,

    /// <summary>How often values fell into which range, from the process's start.</summary>
    Histogram,
}

/// <summary>A metric as it is declared, once: instruments are made of it, and docs/monitoring.md and the alert rules are checked against it.</summary>
/// <param name="Name">In OpenTelemetry's style: <c>sluice.reload.publishes</c>.</param>
/// <param name="Shape">What it is.</param>
/// <param name="Unit">As UCUM writes it: <c>s</c>, <c>By</c>, or what is counted in braces.</param>
/// <param name="Description">One sentence for people.</param>
/// <param name="Tags">Each dimension with its values, which are few and known.</param>
public sealed record Metric(string Name, MetricShape Shape, string Unit, string Description, params IReadOnlyList<MetricTag> Tags)
{
    /// <summary>How many series it has at most, those in which a tag is left out among them; null: values of a tag are not known.</summary>
    public int? MostSeries => Tags.Any(t => t.Values.Count == 0) ? null : Tags.Aggregate(1, static (most, tag) => most * (tag.Values.Count + 1));

    /// <summary>The name that Prometheus' text has, without what histograms append.</summary>
    public string PrometheusName
    {
        get
        {
            var suffix = Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            return $"{Name.Replace('.', '_')}{suffix}{(Shape is MetricShape.Counter ? "_total" : "")}";
        }
    }
}

/// <summary>A dimension of a metric.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">All values that it can have.</param>
public sealed record MetricTag(string Name, params IReadOnlyList<string> Values);
