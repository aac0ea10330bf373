using System.Diagnostics.Metrics;
using System.Globalization;
using Sluice.Edge.Metrics;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Edge.Metrics;

public sealed class SplitInstrumentsTests
{
    [Fact]
    public void A_part_counts_into_the_same_series_under_every_revision_and_a_route_of_one_part_into_none()
    {
        using var meter = new Meter(nameof(SplitInstrumentsTests));
        var parts = new SplitInstruments(meter);
        var before = Routes("a", "w", 1).Single();
        var after = Routes("b", "w", 1).Single();

        Assert.Same(parts.Of(before, 1), parts.Of(after, 1));
        Assert.NotSame(parts.Of(before, 0), parts.Of(after, 0));
        Assert.Null(parts.Of(Routes("a", null, 1).Single(), 0));
    }

    [Fact]
    public void There_are_no_more_series_than_the_bound_however_many_parts_are_declared()
    {
        using var meter = new Meter(nameof(SplitInstrumentsTests));
        var series = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (ReferenceEquals(instrument.Meter, meter)) { l.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => series.Add($"{tags[0].Value} {tags[1].Value}"));
        listener.Start();
        var parts = new SplitInstruments(meter);
        foreach (var route in Routes("v", "w", 150))
        {
            parts.Of(route, 0)!.Count(TimeSpan.FromMilliseconds(3), failed: false);
            parts.Of(route, 1)!.Count(TimeSpan.FromMilliseconds(3), failed: true);
        }

        Assert.Equal(SplitInstruments.MostParts + 1, series.Count);
        Assert.Contains("other other", series);
    }

    private static IEnumerable<CompiledRoute> Routes(string first, string? second, int count)
    {
        var routes = Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{ kind: Route, name: r-{i}, match: {{ path: /r-{i} }}, split: [{{ upstream: {first} }}{(second is null ? "" : ", { upstream: w }")}] }}"));
        return RevisionCompiler.Compile(Declared.Bodies(string.Join("\n---\n", routes.Append($"{{ kind: Upstream, name: {first}, addresses: [http://a] }}").Append("{ kind: Upstream, name: w, addresses: [http://b] }")))).Plan!.Routes.All();
    }
}
