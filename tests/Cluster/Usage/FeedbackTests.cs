using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Cluster.Usage;

/// <summary>Scores of answers: durable, one for a request and name, kept for whose request it is, let go with the day's records.</summary>
public sealed class FeedbackTests(ClusterFixture cluster)
{
    private static readonly DateTimeOffset LongAgo = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    [Fact]
    public async Task The_last_score_of_a_request_and_name_is_the_one_that_there_is_also_after_the_grain_is_lost()
    {
        var now = cluster.Time.GetUtcNow();
        var grain = Feedback(now);
        await grain.GiveAsync(Score(now, 1, 0.1));
        await grain.GiveAsync(Score(now, 1, 1, "clarity"));
        await cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await grain.GiveAsync(Score(now, 1, 0.7));
        await grain.GiveAsync(Score(now, 2, 0.2));

        var scores = (await grain.ListAsync(0)).Scores;

        Assert.Equal([("clarity", 1), ("score", 0.7)], (await grain.OfAsync(Id(now, 1))).Select(s => (s.Name, s.Score)));
        Assert.Empty(await grain.OfAsync(Id(now, 3)));
        Assert.Equal([(Id(now, 1), "score", 0.7), (Id(now, 1), "clarity", 1), (Id(now, 2), "score", 0.2)], scores.Select(s => (s.Request, s.Name, s.Score)));
    }

    [Fact]
    public async Task A_request_without_a_record_is_awaited_while_it_is_young_and_unknown_then_to_its_own_tenant_and_others_alike()
    {
        var now = cluster.Time.GetUtcNow();
        await RecordAsync(now, 1);
        await RecordAsync(LongAgo, 1);

        Assert.Equal(FeedbackOutcome.Counted, await Feedback(now).GiveAsync(Score(now, 1, 1)));
        Assert.Equal(FeedbackOutcome.Awaited, await Feedback(now).GiveAsync(Score(now, 2, 1)));
        Assert.Equal(FeedbackOutcome.Awaited, await Feedback(now, "other").GiveAsync(Score(now, 1, 1)));
        Assert.Equal(FeedbackOutcome.Counted, await Feedback(LongAgo).GiveAsync(Score(LongAgo, 1, 1)));
        Assert.Equal(FeedbackOutcome.Unknown, await Feedback(LongAgo).GiveAsync(Score(LongAgo, 2, 1)));
        Assert.Equal(FeedbackOutcome.Unknown, await Feedback(LongAgo, "other").GiveAsync(Score(LongAgo, 1, 1)));
        Assert.Equal(FeedbackOutcome.Unknown, await Feedback(now.AddMinutes(5)).GiveAsync(Score(now.AddMinutes(5), 1, 1)));
        Assert.Empty((await Feedback(LongAgo, "other").ListAsync(0)).Scores);
    }

    [Fact]
    public async Task A_record_is_found_in_a_file_too_and_on_the_day_after_its_request_came()
    {
        var midnight = new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero);
        await RecordAsync(LongAgo, 1);
        await RecordAsync(midnight, 2, TimeSpan.FromSeconds(3));
        await SettleAsync(LongAgo);
        await SettleAsync(midnight.AddSeconds(3));

        Assert.Equal(FeedbackOutcome.Counted, await Feedback(LongAgo).GiveAsync(Score(LongAgo, 1, 1)));
        Assert.Equal(FeedbackOutcome.Counted, await Feedback(midnight).GiveAsync(Score(midnight, 2, 1)));
        Assert.Equal(FeedbackOutcome.Unknown, await Feedback(midnight).GiveAsync(Score(midnight, 3, 1)));
    }

    [Fact]
    public async Task Rows_are_bounded_and_a_score_in_an_earlier_one_is_changed_where_it_is()
    {
        var now = cluster.Time.GetUtcNow();
        var grain = Feedback(now);
        for (var number = 0; number <= IFeedbackGrain.MostInRow; number++)
        {
            await grain.GiveAsync(Score(now, number, 0));
        }

        await grain.GiveAsync(Score(now, 3, 0.5));

        var first = await grain.ListAsync(0);
        var second = await grain.ListAsync(first.Next!.Value);
        Assert.Equal((IFeedbackGrain.MostInRow, 1, null), (first.Scores.Length, second.Scores.Length, second.Next));
        Assert.Equal(0.5, Assert.Single(first.Scores, score => score.Score != 0).Score);
    }

    [Fact]
    public async Task Where_a_cluster_is_torn_a_record_is_found_in_the_file_into_which_the_other_half_has_merged_it()
    {
        await using var other = await cluster.StartTornOffAsync();
        var torn = other.Client.GetGrain<IUsageGrain>(Key(LongAgo, "acme"));
        await RecordAsync(LongAgo, 1);
        await new TenantDay(cluster, _workspace, UsageRows.DayOf(LongAgo)).Grain.SettleAsync();
        await RecordAsync(LongAgo, 2);
        await new TenantDay(cluster, _workspace, UsageRows.DayOf(LongAgo)).Grain.SettleAsync();
        Assert.Equal(2, (await torn.GetPlacesAsync()).Files.Length);
        await SettleAsync(LongAgo);

        Assert.Equal(FeedbackOutcome.Counted, await other.Client.GetGrain<IFeedbackGrain>(Key(LongAgo, "acme")).GiveAsync(Score(LongAgo, 1, 1)));
    }

    [Fact]
    public async Task Scores_are_let_go_with_the_records_of_their_day_though_it_has_none()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var now = own.Time.GetUtcNow();
        var grain = own.Client.GetGrain<IFeedbackGrain>(Key(now, "acme"));
        await grain.GiveAsync(Score(now, 1, 1));
        own.Time.Advance(TimeSpan.FromDays(92));

        await own.Client.GetGrain<IUsageDaysGrain>(_workspace).UpkeepAsync();

        Assert.Empty((await grain.ListAsync(0)).Scores);
        Assert.Equal(FeedbackOutcome.Unknown, await grain.GiveAsync(Score(now, 1, 1)));
    }

    private static string Id(DateTimeOffset came, int number) => string.Create(CultureInfo.InvariantCulture, $"req_{came.ToUnixTimeMilliseconds():x11}0000000a{number:x8}");

    private static RequestScore Score(DateTimeOffset came, int number, double score, string name = "score") => new(Id(came, number), name, score, "", "k1", came);

    private string Key(DateTimeOffset came, string tenant) => GrainKeys.Join(_workspace, tenant, UsageRows.DayOf(came).ToString(CultureInfo.InvariantCulture));

    private IFeedbackGrain Feedback(DateTimeOffset came, string tenant = "acme") => cluster.Client.GetGrain<IFeedbackGrain>(Key(came, tenant));

    private Task RecordAsync(DateTimeOffset came, int number, TimeSpan took = default) => new TenantDay(cluster, _workspace, UsageRows.DayOf(came + took)).RecordAsync(
        number, TenantDay.Record(number) with { RequestId = Id(came, number), Arrived = came, Ended = came + took });

    private async Task SettleAsync(DateTimeOffset ended)
    {
        var day = new TenantDay(cluster, _workspace, UsageRows.DayOf(ended));
        while (!await day.Grain.SettleAsync())
        {
            // Each call brings some of it.
        }
    }
}
