using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Silo.Admin;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>What kept publishes are summed up to.</summary>
public sealed class ReloadsAnswerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Author Ada = new("ada", "cli", "");

    [Fact]
    public void Publishes_are_summed_up_by_author_outcome_and_phase()
    {
        var grace = new Author("grace", "console", "");
        var first = new ReloadDay([.. Enumerable.Range(1, 20).Select(i => Published(i, Ada, Noon.AddMinutes(i), i))], 2);
        var second = new ReloadDay(
            [Refused(grace, ReloadOutcome.Conflict, Noon.AddDays(1), "revision 7 came first") with { IsRollback = true }, Refused(Ada with { Via = "api" }, ReloadOutcome.Failed, Noon.AddDays(1.1), "no silo")], 0);

        var answer = ReloadsAnswer.Of(new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 2), [first, second], null, 1);

        Assert.Equal(["ada", "grace"], answer.Authors.Select(a => a.Author));
        Assert.Equal(["api", "cli"], answer.Authors[0].Via);
        Assert.Equal((21, 20, 1), (answer.Authors[0].Reloads, answer.Authors[0].Outcomes["committed"], answer.Authors[0].Outcomes["failed"]));
        Assert.Equal((22, 1, 2L), (answer.Total.Reloads, answer.Total.Rollbacks, answer.Dropped));
        Assert.Equal([("check", new ReloadTimes(10, 19)), ("barrier", new ReloadTimes(5, 5))], answer.Phases.Select(p => (p.Phase, p.Duration)));
        Assert.Equal(new ReloadTimes(15, 24), answer.Total.Duration);
        Assert.Equal("no silo", Assert.Single(answer.Refusals).Why);
        Assert.Equal("grace", Assert.Single(ReloadsAnswer.Of(answer.From, answer.To, [first, second], "grace", 10).Authors).Author);
    }

    private static Reload Published(long revision, Author author, DateTimeOffset at, double checkMs) => new(
        at,
        author,
        ReloadOutcome.Committed,
        revision,
        IsRollback: false,
        ImmutableDictionary<string, TimeSpan>.Empty.Add("barrier", TimeSpan.FromMilliseconds(5)).Add("check", TimeSpan.FromMilliseconds(checkMs)),
        "",
        "",
        "");

    private static Reload Refused(Author author, ReloadOutcome outcome, DateTimeOffset at, string why) =>
        new(at, author, outcome, 0, IsRollback: false, ImmutableDictionary<string, TimeSpan>.Empty, "code", why, "");
}
