using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class ActiveRevisionTests
{
    [Fact]
    public void Before_the_first_activation_there_is_none()
    {
        var active = new ActiveRevision(TimeProvider.System);

        Assert.Null(active.Current);
        Assert.False(active.Ready.IsCompleted);
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 1, true)]
    [InlineData(1, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(0, 9, false)]
    public void Only_a_greater_term_and_revision_is_activated(long term, long revision, bool expected)
    {
        var active = new ActiveRevision(TimeProvider.System);
        var first = Revision(1, 1);
        var next = Revision(term, revision);
        Assert.True(active.TryActivate(first));

        Assert.Equal(expected, active.TryActivate(next));

        Assert.Same(expected ? next : first, active.Current);
        Assert.True(active.Ready.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Whoever_races_the_greatest_wins_and_no_reader_sees_it_fall()
    {
        var active = new ActiveRevision(TimeProvider.System);
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var last = 0L;
            while (!done.IsCancellationRequested)
            {
                var seen = active.Current?.Head.Revision ?? 0;
                Assert.True(seen >= last);
                last = seen;
            }
        }, TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var revision = 1 + writer; revision <= 2_000; revision += 4)
            {
                active.TryActivate(Revision(1, revision));
            }
        }, TestContext.Current.CancellationToken)));
        await done.CancelAsync();
        await reader;

        Assert.Equal(2_000, active.Current!.Head.Revision);
    }

    [Fact]
    public void What_was_kept_serves_as_stale_under_any_grant_until_a_head_is_activated_even_one_before_it()
    {
        var active = new ActiveRevision(TimeProvider.System);
        active.Resume(Revision(9, 90), TimeSpan.FromHours(1));
        active.Granted(active.Now, new LeaseGrant(TimeSpan.FromMinutes(1), new Head(1, 1, ""), 0));

        var (resumed, staleFor, _) = active.Admit();

        Assert.True(active.Ready.IsCompletedSuccessfully);
        Assert.Equal(90, resumed!.Head.Revision);
        Assert.True(staleFor >= TimeSpan.FromHours(1));
        Assert.Null(active.Head);

        Assert.True(active.TryActivate(Revision(1, 1)));
        Assert.Equal((1L, null), (active.Admit().Revision!.Head.Revision, active.Admit().StaleFor));
        active.Resume(Revision(9, 91), TimeSpan.Zero);
        Assert.Equal(1, active.Current!.Head.Revision);
    }

    private static EdgeRevision Revision(long term, long revision) =>
        EdgeRevision.Empty(new Head(term, revision, ""), $"default@{revision}");
}
