using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Metrics;

namespace Sluice.Tests.Unit.Metrics;

/// <summary>Publishes by author: told by opt-in, of so many authors.</summary>
public sealed class AuthorMeterTests : IDisposable
{
    private readonly ReloadMeter _silo = new(new FakeTimeProvider());
    private readonly MeterListener _listener = new();
    private readonly Dictionary<(string Author, string Outcome), long> _seen = [];

    public AuthorMeterTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, _silo.Meter) && string.Equals(instrument.Name, ReloadMetrics.Authors.Name, StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var key = ((string)tags[0].Value!, (string)tags[1].Value!);
            _seen[key] = value;
        });
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _silo.Dispose();
    }

    [Fact]
    public void So_many_authors_have_series_of_their_own_and_the_others_share_one()
    {
        var meter = Meter(2);

        foreach (var author in new[] { "ada", "grace", "linus", "ken", "ada" })
        {
            meter.Count(author, ReloadOutcome.Committed);
        }

        meter.Count("ada", ReloadOutcome.Edge);
        _listener.RecordObservableInstruments();

        Assert.Equal(["ada", "grace", "other"], _seen.Keys.Select(k => k.Author).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal((2, 1, 2, 1), (_seen[("ada", "committed")], _seen[("grace", "committed")], _seen[("other", "committed")], _seen[("ada", "edge")]));
        Assert.Equal(ReloadMetrics.Authors.Tags[1].Values.Order(StringComparer.Ordinal), _seen.Keys.Where(k => k.Author is "grace").Select(k => k.Outcome).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Unless_asked_for_no_author_is_told()
    {
        Meter(0).Count("ada", ReloadOutcome.Committed);
        _listener.RecordObservableInstruments();

        Assert.Empty(_seen);
        Assert.Equal("Metrics:ReloadAuthors must be 0 to 200, is 201", Assert.Single(new MetricOptions { ReloadAuthors = 201 }.Validate()));
    }

    private AuthorMeter Meter(int most) => new(_silo, Options.Create(new MetricOptions { ReloadAuthors = most }));
}
