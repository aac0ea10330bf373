using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Grains.Webhooks;

namespace Sluice.Tests.Unit.Webhooks;

/// <summary>What waits for webhooks, and when it is tried again.</summary>
public sealed class OutboxTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly RetrySchedule Schedule = new(TimeSpan.FromSeconds(5));

    [Fact]
    public void Attempts_come_at_waits_that_grow_threefold_to_six_hours_and_end_within_a_day()
    {
        var (delivery, now) = (Delivery("a") with { Attempts = 1 }, Start);
        var waits = new List<double>();
        while (Schedule.Next(delivery, now, asked: null) is { } next)
        {
            waits.Add((next - now).TotalSeconds);
            (delivery, now) = (delivery with { Attempts = delivery.Attempts + 1 }, next);
        }

        double[] means = [5, 15, 45, 135, 405, 1215, 3645, 10935, 21600, 21600, 21600];
        Assert.InRange(waits.Count, 9, RetrySchedule.MostAttempts - 1);
        Assert.All(waits.Zip(means), pair => Assert.InRange(pair.First, (pair.Second * 0.8) - 1, Math.Min((pair.Second * 1.2) + 1, 21601)));
        Assert.InRange(now - Start, TimeSpan.FromHours(9), RetrySchedule.Longest);
    }

    [Fact]
    public void Deliveries_that_fail_at_one_moment_do_not_come_again_at_one_moment()
    {
        var nexts = Enumerable.Range(0, 100).Select(i => Schedule.Next(Delivery($"m{i}") with { Attempts = 4 }, Start, asked: null)!.Value).ToArray();

        Assert.True((nexts.Max() - nexts.Min()).TotalSeconds > 27, "the waits spread over less than half of what they may");
        Assert.Equal(100, nexts.Distinct().Count());
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(1_000_000, 21_600)]
    public void A_receiver_may_ask_for_a_longer_wait_but_not_for_more_than_six_hours(int asked, int got) =>
        Assert.Equal(Start.AddSeconds(got), Schedule.Next(Delivery("a") with { Attempts = 1 }, Start, TimeSpan.FromSeconds(asked)));

    [Fact]
    public void No_attempt_begins_later_than_a_day_after_the_first()
    {
        Assert.Null(Schedule.Next(Delivery("a") with { Attempts = 2 }, Start.AddHours(24), asked: null));
        Assert.Null(Schedule.Next(Delivery("a") with { Attempts = RetrySchedule.MostAttempts }, Start, asked: null));
    }

    [Fact]
    public void What_is_known_is_not_added_again_whatever_became_of_it()
    {
        var outbox = new StoredOutbox().Add([Delivery("a"), Delivery("b")]);
        var ended = outbox.Put(Delivery("a") with { State = DeliveryState.Delivered, NextAt = null });

        Assert.Same(ended, ended.Add([Delivery("a"), Delivery("b")]));
        Assert.Equal(("b", "a"), (Assert.Single(ended.Waiting).Id, Assert.Single(ended.Ended).Id));
        Assert.Equal(2, outbox.Add([Delivery("a", webhook: "other")]).Waiting.Count(d => d.Id is "a"));
    }

    [Fact]
    public void What_was_given_up_waits_again_when_it_is_sent_anew()
    {
        var failed = new StoredOutbox().Add([Delivery("a")]).Put(Delivery("a") with { State = DeliveryState.Failed, NextAt = null });

        var again = failed.Put(Delivery("a"));

        Assert.Empty(again.Ended);
        Assert.Single(again.Waiting);
        Assert.Same(again, again.Put(Delivery("unknown")));
    }

    [Fact]
    public void Of_too_many_for_one_webhook_the_oldest_are_given_up_and_of_the_ended_the_last_are_kept()
    {
        var outbox = new StoredOutbox().Add(Enumerable.Range(0, StoredOutbox.MostWaiting + 2).Select(i => Delivery($"m{i}")).Append(Delivery("x", webhook: "other")));
        Assert.Equal(["m0", "m1"], outbox.TooMany().Select(d => d.Id));

        foreach (var waiting in outbox.Waiting.Take(StoredOutbox.MostEnded + 1))
        {
            outbox = outbox.Put(waiting with { State = DeliveryState.Failed, NextAt = null });
        }

        Assert.Equal(("m1", StoredOutbox.MostEnded), (outbox.Ended[0].Id, outbox.Ended.Length));
    }

    private static StoredDelivery Delivery(string id, string webhook = "hook") => new(
        webhook, id, WebhookEvent.BudgetWarning, "daily/tenant/acme", "{}", Start, Start, DeliveryState.Waiting, 0, Start, null, null);
}
