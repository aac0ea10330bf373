using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Revisions.Alerts;

/// <summary>Reads what an alert may be over from the text of <c>/metrics</c>: https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format".</summary>
public static class PrometheusText
{
    /// <summary>The series of these names, at most as many as a report may have.</summary>
    public static ImmutableArray<SeriesReading> Read(ReadOnlySpan<char> text, IReadOnlySet<string> wanted)
    {
        var series = ImmutableArray.CreateBuilder<SeriesReading>();
        foreach (var range in text.Split('\n'))
        {
            var line = text[range];
            var end = line.IndexOfAny('{', ' ');
            if (end <= 0 || line[0] == '#' || series.Count >= ProcessReadings.MostSeries)
            {
                continue;
            }

            var name = line[..end].ToString();
            if (!wanted.Contains(name))
            {
                continue;
            }

            var close = line[end] == '{' ? End(line, end) : end;
            var labels = line[end] == '{' ? line[(end + 1)..close].TrimEnd(',') : default;
            var rest = line[(line[end] == '{' ? close + 1 : end)..].Trim();
            var number = rest.IndexOf(' ') is var space and > 0 ? rest[..space] : rest;
            if (Number(number) is { } value)
            {
                series.Add(new SeriesReading(name, labels.ToString(), value));
            }
        }

        return series.ToImmutable();
    }

    // A brace within a value ends nothing.
    private static int End(ReadOnlySpan<char> line, int from)
    {
        var isValue = false;
        for (var at = from; at < line.Length; at++)
        {
            if (isValue && line[at] == '\\')
            {
                at++;
            }
            else if (line[at] == '"')
            {
                isValue = !isValue;
            }
            else if (!isValue && line[at] == '}')
            {
                return at;
            }
        }

        return line.Length - 1;
    }

    private static double? Number(ReadOnlySpan<char> text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && !double.IsNaN(value) ? value : null,
    };
}
