using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Edge.Metrics;

public sealed class RevisionsInUseTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ActiveRevision _active;

    public RevisionsInUseTests() => _active = new ActiveRevision(_time);

    private RevisionUse Use => RevisionUse.Of(_active.InUse.Look());

    [Fact]
    public void A_replaced_revision_counts_while_a_request_runs_under_it_and_no_longer()
    {
        var old = Activate(1);
        old.Begin();
        Activate(2).Begin();
        _time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal((1, TimeSpan.FromSeconds(7)), (Use.Old, Use.Oldest));
        Assert.Equal([new RevisionInUse(2, 1, null), new RevisionInUse(1, 1, TimeSpan.FromSeconds(7))], Use.Revisions);

        old.End(RequestOutcome.Success, TimeSpan.FromSeconds(8));

        Assert.Equal((0, null), (Use.Old, Use.Oldest));
        Assert.Equal([new RevisionInUse(2, 1, null)], Use.Revisions);
        Assert.Equal((2L, 1L), (_active.InUse.Begun, _active.InUse.InFlight));
    }

    [Fact]
    public void A_request_that_begins_late_under_a_revision_that_was_let_go_counts_all_the_same()
    {
        var old = Activate(1);
        Activate(2);
        Assert.Equal(0, Use.Old);

        old.Begin();

        Assert.Equal((1, 1L, 1L), (Use.Old, _active.InUse.Begun, _active.InUse.InFlight));
        old.End(RequestOutcome.ServerError, TimeSpan.FromMilliseconds(3));
        Assert.Equal((0, 1L, 0L), (Use.Old, _active.InUse.Begun, _active.InUse.InFlight));
        Assert.Equal((1L, 1L), (Assert.Single(_active.InUse.Take()).Figures is var figures ? (figures.Requests, figures.Errors) : default));
    }

    [Fact]
    public void A_new_term_of_the_same_revision_replaces_nothing()
    {
        Activate(1).Begin();

        Assert.True(_active.TryActivate(_active.Current! with { Head = new Head(2, 1, "") }));

        Assert.Equal(new RevisionInUse(1, 1, null), Assert.Single(Use.Revisions));
    }

    [Fact]
    public void Of_many_old_revisions_ten_are_listed_and_all_are_counted()
    {
        for (var number = 1; number <= 30; number++)
        {
            Activate(number).Begin();
        }

        Assert.Equal((29, 10), (Use.Old, Use.Revisions.Length));
        Assert.Equal(30, Use.Revisions[0].Revision);
    }

    [Fact]
    public async Task Requests_on_many_threads_over_many_reloads_are_all_counted_once_and_under_their_revision()
    {
        const int Threads = 4;
        const int Each = 20_000;
        Activate(1);
        var begun = new long[300];
        var counting = Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    var requests = _active.Current!.Requests;
                    requests.Begin();
                    Interlocked.Increment(ref begun[requests.Revision]);
                    requests.End(i % 10 == 0 ? RequestOutcome.ServerError : RequestOutcome.Success, TimeSpan.FromMicroseconds(100 + i));
                }
            },
            TestContext.Current.CancellationToken)));
        var (taken, number) = (new Dictionary<long, RequestFigures>(), 1);
        while (!counting.IsCompleted)
        {
            if (number < 250)
            {
                Activate(++number);
            }

            Assert.True(_active.InUse.InFlight >= 0);
            Take(taken);
            await Task.Yield();
        }

        await counting;
        Take(taken);

        Assert.Equal(((long)Threads * Each, 0L), (_active.InUse.Begun, _active.InUse.InFlight));
        Assert.Equal(Threads * Each / 10, taken.Values.Sum(f => f.Errors));
        Assert.Equal(Threads * Each, taken.Values.Sum(f => f.Duration.Sum(b => b.Count)));
        Assert.All(taken, t => Assert.Equal(begun[t.Key], t.Value.Requests));
        Assert.Equal(0, Use.Old);
    }

    [Fact]
    public void What_nobody_takes_over_a_thousand_reloads_keeps_its_sums_within_bounds()
    {
        for (var number = 1; number <= 1_000; number++)
        {
            var requests = Activate(number);
            requests.Begin();
            requests.End(RequestOutcome.ClientError, TimeSpan.FromMilliseconds(1));
        }

        var taken = _active.InUse.Take();

        Assert.InRange(taken.Length, 1, 66);
        Assert.Equal((1_000L, 1_000L), (taken.Sum(t => t.Figures.Requests), taken.Sum(t => t.Figures.Refused)));
        Assert.Empty(_active.InUse.Take());
    }

    private void Take(Dictionary<long, RequestFigures> into)
    {
        foreach (var (revision, figures) in _active.InUse.Take())
        {
            into[revision] = into.GetValueOrDefault(revision, RequestFigures.None).Plus(figures);
        }
    }

    private RevisionRequests Activate(long number)
    {
        Assert.True(_active.TryActivate(EdgeRevision.Empty(new Head(1, number, ""), $"default@{number}")));
        return _active.Current!.Requests;
    }
}
