using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage.Results;
using Sluice.Tests.Unit.Edge.Metering;

namespace Sluice.Tests.Unit.Usage.Results;

public sealed class ModelResultsTests
{
    private readonly ModelResults _results = new();

    [Fact]
    public void A_target_has_the_requests_that_it_decided_and_all_of_its_attempts()
    {
        _results.TakeDay(
            [Record("a", 1, 503, "p/one"), Record("a", 2, 200, "p/two"), Record("b", 1, 200, "p/one"), Record("c", 1, 429, "p/one"), Record("c", 2, 500, "p/three"), Record("d", 1, 400, "p/two")],
            request => request is "a" or "b" ? [new RequestScore(request, "good", request is "a" ? 1 : 0.5, "", "", default)] : []);
        _results.EndTenant();

        Assert.Equal([("p/one", 3L, 2 / 3.0), ("p/three", 1L, 1), ("p/two", 2L, 0)], _results.Attempts.Select(t => (t.Key, t.Value.Count, t.Value.Mean)));
        Assert.Equal([("p/one", 1L, 0L), ("p/three", 1L, 1L), ("p/two", 2L, 0L)], _results.Targets.Select(t => (t.Key, t.Value.Requests, t.Value.Failed)));
        Assert.Equal((0.5, 1), (_results.Targets["p/one"].Scores["good"].Mean, _results.Targets["p/two"].Scores["good"].Mean));

        // What the first target used goes with the request.
        Assert.Equal((20, 10), (_results.Targets["p/three"].InputTokens, _results.Targets["p/one"].InputTokens));
    }

    private static AttemptRecord Record(string request, int attempt, int status, string target) => Attempts.Record(request) with
    {
        RequestId = request,
        Attempt = attempt,
        Status = status,
        Target = target,
        Tokens = new TokenCounts { Input = 10 },
    };
}
