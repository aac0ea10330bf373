using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage.Results;
using Sluice.Tests.Unit.Edge.Metering;

namespace Sluice.Tests.Unit.Usage.Results;

public sealed class PromptResultsTests
{
    private readonly PromptResults _results = new();

    [Fact]
    public void A_request_counts_once_under_the_attempt_that_was_answered_with_what_all_attempts_used()
    {
        Take(Record("a", 1, 503, target: "p/one"), Record("a", 2, 200, milliseconds: 900, target: "p/two"), Record("a", 3, 499, target: "p/three"));

        var figures = Assert.Single(_results.Versions).Value;
        Assert.Equal((1, 0, 30, 6, 300), (figures.Requests, figures.Failed, figures.InputTokens, figures.OutputTokens, figures.CostNano));
        Assert.Equal(((1, "p/two"), 900), (Assert.Single(_results.Targets).Key, figures.Times.Mean));
    }

    [Fact]
    public void A_request_whose_last_attempt_ends_on_the_next_day_counts_once_too()
    {
        _results.TakeDay([Record("a", 1, 503), Record("b", 1, 200)], _ => []);
        _results.TakeDay([Record("a", 2, 200)], _ => [new RequestScore("x", "late", 1, "", "", default)]);
        _results.EndTenant();

        var figures = _results.Versions[1];
        Assert.Equal((2, 0), (figures.Requests, figures.Failed));
        Assert.Empty(figures.Scores);
    }

    [Fact]
    public void Failures_are_those_that_are_not_the_clients_own()
    {
        Take([.. new[] { 200, 400, 499, 0, 401, 404, 429, 500, 503 }.Select((status, i) => Record($"r{i}", 1, status))]);

        var figures = _results.Versions[1];
        Assert.Equal((9, 6, 1), (figures.Requests, figures.Failed, figures.Times.Count));
    }

    [Fact]
    public void Versions_have_their_own_times_and_scores()
    {
        _results.TakeDay(
            [.. Enumerable.Range(1, 100).Select(i => Record($"r{i}", 1, 200, milliseconds: i)), Record("other", 1, 200, milliseconds: 7, version: 2), Record("third", 1, 500, version: 3)],
            request => request is "r1" or "r2" ? [new RequestScore(request, "good", request is "r1" ? 1 : 0.5, "", "", default), new RequestScore(request, "short", 0, "", "", default)] : []);
        _results.EndTenant();

        var first = _results.Versions[1];
        Assert.Equal((50, 95, 50.5), (first.Time(0.5), first.Time(0.95), first.Times.Mean));
        Assert.Equal([("good", 2L, 0.75), ("short", 2L, 0)], first.Scores.Select(s => (s.Key, s.Value.Count, s.Value.Mean)));
        Assert.Equal((7, null), (_results.Versions[2].Time(0.95), _results.Versions[3].Time(0.5)));
        Assert.Empty(_results.Versions[2].Scores);
    }

    private static AttemptRecord Record(string request, int attempt, int status, int milliseconds = 10, string target = "p/m", int version = 1) => Attempts.Record(request) with
    {
        RequestId = request,
        Attempt = attempt,
        Status = status,
        Prompt = $"sum@{version}",
        Target = target,
        Tokens = new TokenCounts { Input = 10, Output = 2 },
        CostNano = 100,
        Arrived = Attempts.Time,
        Ended = Attempts.Time.AddMilliseconds(milliseconds),
    };

    private void Take(params AttemptRecord[] records)
    {
        _results.TakeDay(records, _ => []);
        _results.EndTenant();
    }
}
