using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Tenants;

namespace Sluice.Tests.Unit.Tenants;

public sealed class SubscriptionMovesTests
{
    private static readonly Author Ada = new("ada", "api", "10.0.0.1");

    [Theory]
    [InlineData(SubscriptionState.Requested, SubscriptionDecision.Approve, SubscriptionState.Approved)]
    [InlineData(SubscriptionState.Requested, SubscriptionDecision.Reject, SubscriptionState.Rejected)]
    [InlineData(SubscriptionState.Requested, SubscriptionDecision.Withdraw, null)]
    [InlineData(SubscriptionState.Approved, SubscriptionDecision.Approve, SubscriptionState.Approved)]
    [InlineData(SubscriptionState.Approved, SubscriptionDecision.Reject, null)]
    [InlineData(SubscriptionState.Approved, SubscriptionDecision.Withdraw, SubscriptionState.Withdrawn)]
    [InlineData(SubscriptionState.Rejected, SubscriptionDecision.Approve, null)]
    [InlineData(SubscriptionState.Rejected, SubscriptionDecision.Reject, SubscriptionState.Rejected)]
    [InlineData(SubscriptionState.Rejected, SubscriptionDecision.Withdraw, null)]
    [InlineData(SubscriptionState.Withdrawn, SubscriptionDecision.Approve, null)]
    [InlineData(SubscriptionState.Withdrawn, SubscriptionDecision.Reject, null)]
    [InlineData(SubscriptionState.Withdrawn, SubscriptionDecision.Withdraw, SubscriptionState.Withdrawn)]
    public void What_may_be_decided_depends_on_how_it_stands(SubscriptionState from, SubscriptionDecision decision, SubscriptionState? to)
    {
        var known = new Subscription("acme", "premium", [Step(from)]);

        var next = SubscriptionMoves.Decide(known, decision, Step(from, "why"));

        Assert.Equal(to, next?.State);
        Assert.Equal(to == from, ReferenceEquals(known, next));
        Assert.Equal(to is null || to == from ? null : "why", next is null || to == from ? null : next.Steps[^1].Note);
    }

    [Theory]
    [InlineData(SubscriptionState.Requested, 1)]
    [InlineData(SubscriptionState.Approved, 1)]
    [InlineData(SubscriptionState.Rejected, 2)]
    [InlineData(SubscriptionState.Withdrawn, 2)]
    public void What_was_rejected_or_withdrawn_may_be_asked_for_again_and_what_is_asked_for_stays(SubscriptionState from, int steps)
    {
        var next = SubscriptionMoves.Request(new Subscription("acme", "premium", [Step(from)]), "acme", "premium", Step(SubscriptionState.Requested), isAutomatic: false);

        Assert.Equal(steps, next.Steps.Length);
        Assert.Equal(steps == 1 ? from : SubscriptionState.Requested, next.State);
    }

    [Fact]
    public void A_product_that_approves_by_itself_does_so_in_the_systems_name()
    {
        var next = SubscriptionMoves.Request(null, "acme", "premium", Step(SubscriptionState.Requested), isAutomatic: true);

        Assert.Equal([(SubscriptionState.Requested, "ada"), (SubscriptionState.Approved, "system")], next.Steps.Select(s => (s.State, s.By.Name)));
        Assert.Equal("acme~premium", next.Id);
    }

    [Fact]
    public void Of_many_steps_the_last_hundred_are_kept()
    {
        var subscription = SubscriptionMoves.Request(null, "acme", "premium", Step(SubscriptionState.Requested, "0"), isAutomatic: false);
        for (var i = 1; i < 200; i++)
        {
            subscription = i % 2 == 1
                ? SubscriptionMoves.Decide(subscription, SubscriptionDecision.Reject, Step(SubscriptionState.Requested, $"{i}"))!
                : SubscriptionMoves.Request(subscription, "acme", "premium", Step(SubscriptionState.Requested, $"{i}"), isAutomatic: false);
        }

        Assert.Equal(Enumerable.Range(100, 100).Select(i => $"{i}"), subscription.Steps.Select(s => s.Note));
    }

    [Theory]
    [InlineData("acme~premium", true)]
    [InlineData("acme", false)]
    [InlineData("~premium", false)]
    [InlineData("acme~", false)]
    [InlineData("a~b~c", false)]
    public void An_id_names_a_tenant_and_a_product(string id, bool names)
    {
        Assert.Equal(names ? ("acme", "premium") : null, Subscription.Split(id));
    }

    private static SubscriptionStep Step(SubscriptionState state, string? note = null) => new(state, DateTimeOffset.UnixEpoch, Ada, note);
}
