using System.Collections.Frozen;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Targets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Targets;

/// <summary>The attempts of one request, and what they leave behind for the next.</summary>
public sealed class TrialTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TargetTable _table;
    private readonly Dictionary<string, Sluice.Revisions.Compilation> _compiled = new(StringComparer.Ordinal);
    private readonly EdgeRevision _revision = EdgeRevision.Empty(new Head(1, 1, "h"), "default@1") with
    {
        Credentials = new Dictionary<string, ProviderCredentials>(StringComparer.Ordinal) { ["a"] = new(["one", "two", "three"], [1, 1, 1]) }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    public TrialTests() => _table = new TargetTable(_time);

    [Fact]
    public void Whatever_fails_no_target_is_asked_twice_with_one_credential_and_attempts_are_bounded()
    {
        var random = new Random(11);
        for (var run = 0; run < 2_000; run++)
        {
            var strategy = new[] { "weighted", "priority", "sticky", "leastLatency", "leastUsed" }[random.Next(5)];
            var attempts = random.Next(1, 5);
            var trial = Begin(Models.ThreeLines(strategy, more: $"attempts: {attempts}"), random.NextDouble());
            var asked = new List<string>();
            while (trial.TryNext())
            {
                asked.Add(trial.Target.Label + trial.Credential(_revision.Credentials.GetValueOrDefault(trial.Target.Provider.Name)));
                Fail(trial, random.Next(3));
                trial.End();
            }

            Assert.InRange(asked.Count, 1, attempts);
            Assert.Equal(asked.Count, asked.Distinct(StringComparer.Ordinal).Count());
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(2_000)));
        }
    }

    [Fact]
    public void The_last_one_is_never_ejected()
    {
        var model = Models.ThreeLines("priority", ", priority: 1", ", priority: 2", ", priority: 3");
        for (var i = 0; i < 50; i++)
        {
            var trial = Begin(model);
            var asked = new List<string>();
            while (trial.TryNext())
            {
                asked.Add(trial.Target.Label);
                trial.Broke();
                trial.End();
            }

            Assert.Equal(["a/a", "b/b", "c/c"], asked);
        }

        Assert.Equal(3, _table.Ejected);
    }

    [Fact]
    public void One_that_is_ejected_is_passed_over_then_probed_by_one_request_alone()
    {
        var model = Models.ThreeLines("priority", ", priority: 1", ", priority: 2", ", priority: 3");
        for (var i = 0; i < EjectionRules.Defaults.Failures; i++)
        {
            Next(Begin(model), "a/a").Broke();
        }

        Next(Begin(model), "b/b");
        _time.Advance(EjectionRules.Defaults.First);
        var probe = Next(Begin(model), "a/a");
        Next(Begin(model), "b/b");
        probe.Answered(new ToldAnswer(200), TimeSpan.FromMilliseconds(5), isStream: true);
        probe.End();
        Next(Begin(model), "a/a");
    }

    [Fact]
    public void A_probe_whose_client_left_is_made_by_the_next()
    {
        var model = Models.ThreeLines("priority", ", priority: 1", ", priority: 2", ", priority: 3");
        for (var i = 0; i < EjectionRules.Defaults.Failures; i++)
        {
            Next(Begin(model), "a/a").Broke();
        }

        _time.Advance(EjectionRules.Defaults.First);
        Next(Begin(model), "a/a").End();
        Next(Begin(model), "a/a");
    }

    [Fact]
    public void A_target_rests_for_its_retry_after_and_where_all_rest_the_first_to_end_is_asked_once()
    {
        var model = """
            strategy: priority
            targets: [{ provider: b, model: b, priority: 1 }, { provider: c, model: c, priority: 2 }]
            """;
        Refuse(Next(Begin(model), "b/b"), 429, ("retry-after", "30"));
        Next(Begin(model), "c/c").End();
        Refuse(Next(Begin(model), "c/c"), 503, ("retry-after-ms", "20000"));

        var trial = Next(Begin(model), "c/c");
        Refuse(trial, 429, ("retry-after", "20"));
        Assert.False(trial.TryNext());
        Assert.Equal(2, _table.Resting);

        _time.Advance(TimeSpan.FromSeconds(20));
        Next(Begin(model), "c/c").End();
        _time.Advance(TimeSpan.FromSeconds(10));
        trial = Next(Begin(model), "b/b");

        // What the body tells comes later than the head.
        trial.Refused(new ToldAnswer(429));
        trial.RestFor(429, TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(29));
        Next(Begin(model), "c/c").End();
        _time.Advance(TimeSpan.FromSeconds(1));
        Next(Begin(model), "b/b");
    }

    [Fact]
    public void A_credential_that_is_refused_rests_alone_and_the_target_when_all_do()
    {
        var model = "targets: [{ provider: a, model: a }]";
        var credentials = _revision.Credentials["a"];
        var trial = Begin(model);
        var used = new List<string>();
        foreach (var (status, wait) in new[] { (429, "20"), (401, ""), (429, "40") })
        {
            Assert.True(trial.TryNext());
            used.Add(trial.Credential(credentials)!);
            Refuse(trial, status, ("retry-after", wait));
        }

        Assert.Equal(3, used.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(1, _table.Resting);
        Assert.Equal(0, _table.Ejected);

        _time.Advance(TimeSpan.FromSeconds(20));
        var next = Next(Begin(model), "a/a");
        Assert.Equal(used[0], next.Credential(credentials));
    }

    [Fact]
    public void An_account_without_access_rests_alone_and_says_nothing_of_the_target()
    {
        var credentials = _revision.Credentials["a"];
        var trial = Begin("targets: [{ provider: a, model: a }]");
        var used = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            Assert.True(trial.TryNext());
            used.Add(trial.Credential(credentials)!);
            trial.HadNoAccess();
            trial.End();
        }

        Assert.Equal(2, used.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal((0, 0), (_table.Resting, _table.Ejected));
        Assert.True(trial.TryNext());
        Assert.DoesNotContain(trial.Credential(credentials)!, used);
        trial.HadNoAccess();
        Assert.Equal((1, 0), (_table.Resting, _table.Ejected));
    }

    [Fact]
    public void What_is_left_of_a_rate_is_read_from_answers_and_chooses_the_least_used()
    {
        var model = """
            strategy: leastUsed
            targets: [{ provider: b, model: b }, { provider: c, model: c }]
            """;
        Answer(Next(Begin(model), "b/b"), ("x-ratelimit-limit-requests", "100"), ("x-ratelimit-remaining-requests", "40"), ("x-ratelimit-reset-requests", "1m0s"));
        Answer(Next(Begin(model), "c/c"), ("anthropic-ratelimit-tokens-limit", "1000"), ("anthropic-ratelimit-tokens-remaining", "300"), ("anthropic-ratelimit-tokens-reset", "2000-01-01T00:10:00Z"));
        Next(Begin(model), "b/b").End();
        _time.Advance(TimeSpan.FromSeconds(60));
        Next(Begin(model), "b/b").End();
        Answer(Next(Begin(model), "b/b"), ("x-ratelimit-limit-requests", "100"), ("x-ratelimit-remaining-requests", "1"), ("x-ratelimit-reset-requests", "1m0s"));
        Next(Begin(model), "c/c");
    }

    [Fact]
    public async Task Of_two_at_the_same_time_one_may_write_and_the_other_is_ended()
    {
        for (var run = 0; run < 200; run++)
        {
            using var race = new Race(CancellationToken.None);
            var first = Next(Begin(Models.ThreeLines("priority", ", priority: 3", ", priority: 1", ", priority: 2")), "b/b");
            first.Race.Enter(race);
            Assert.True(race.TryJoin());
            var second = Next(first.Fork(), "c/c");
            Assert.Equal(2, second.Number);

            var won = await Task.WhenAll(Task.Run(first.Race.TryWin), Task.Run(second.Race.TryWin));
            Assert.Single(won, w => w);
            var (winner, loser) = won[0] ? (first, second) : (second, first);
            Assert.False(winner.Race.IsLost);
            Assert.True(loser.Race.IsLost);
            Assert.False(winner.Race.Aborted(default).IsCancellationRequested);
            Assert.True(loser.Race.Aborted(default).IsCancellationRequested);
            first.End();
            second.End();
        }
    }

    [Fact]
    public void One_that_failed_before_a_second_joined_is_alone_and_after_that_waits_for_it()
    {
        using var race = new Race(CancellationToken.None);
        var first = Next(Begin(Models.ThreeLines("priority", ", priority: 3", ", priority: 1", ", priority: 2")), "b/b");
        first.Race.Enter(race);
        Assert.False(first.Race.RunsBeside());
        Assert.False(race.TryJoin());
        Assert.True(first.Race.TryWin());

        using var other = new Race(CancellationToken.None);
        var slow = Next(Begin(Models.ThreeLines("priority", ", priority: 3", ", priority: 1", ", priority: 2")), "b/b");
        slow.Race.Enter(other);
        Assert.True(other.TryJoin());
        var second = Next(slow.Fork(), "c/c");
        slow.Broke();
        Assert.True(slow.Race.RunsBeside());
        second.Broke();
        slow.End();
        second.End();
        slow.Absorb(second);
        Next(slow, "a/a");
        Assert.Equal(3, slow.Number);
    }

    [Fact]
    public void No_attempt_begins_after_the_time_of_the_whole()
    {
        var trial = Begin(Models.ThreeLines("weighted", more: "timeouts: { whole: 10s }"));
        Assert.True(trial.TryNext());
        trial.Broke();
        Assert.True(trial.MayGoOn());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(trial.MayGoOn());
        Assert.False(trial.TryNext());
    }

    [Fact]
    public void What_is_known_outlives_a_revision_that_leaves_the_target_as_it_is()
    {
        Refuse(Next(Begin(Models.ThreeLines("priority", ", priority: 3", ", priority: 1", ", priority: 2")), "b/b"), 429, ("retry-after", "30"));
        Next(Begin(Models.ThreeLines("priority", ", priority: 3", ", priority: 1", ", priority: 2", "maxOutputTokens: 5")), "c/c");
    }

    private static Trial Next(Trial trial, string label)
    {
        Assert.True(trial.TryNext());
        Assert.Equal(label, trial.Target.Label);
        return trial;
    }

    private static void Refuse(Trial trial, int status, params (string Name, string Value)[] headers)
    {
        trial.Refused(new ToldAnswer(status, headers));
        trial.End();
    }

    private static void Answer(Trial trial, params (string Name, string Value)[] headers)
    {
        trial.Answered(new ToldAnswer(200, headers), TimeSpan.FromMilliseconds(10), isStream: true);
        trial.End();
    }

    private static void Fail(Trial trial, int how)
    {
        if (how == 0)
        {
            trial.Broke();
        }
        else
        {
            trial.Refused(new ToldAnswer(how == 1 ? 500 : 429));
        }
    }

    private Trial Begin(string lines, double draw = 0.5)
    {
        if (!_compiled.TryGetValue(lines, out var revision))
        {
            _compiled[lines] = revision = Models.CompileAll(lines);
        }

        return new Trial(_table, _revision with { Compilation = revision }, revision.Plan.Models["m"], ulong.MaxValue, new ChoiceBasis(draw, null, null, IsStream: true, default));
    }
}
