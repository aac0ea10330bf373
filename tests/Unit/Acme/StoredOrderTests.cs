using Sluice.Grains.Acme;
using Sluice.Grains.Interfaces.Acme;

namespace Sluice.Tests.Unit.Acme;

public sealed class StoredOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly StoredOrder Proving = new StoredOrder().Declare("one").Go(OrderState.Proving, Now) with
    {
        Url = "https://ca/order/1", Proofs = [new StoredProof("shop.test", "https://ca/authz/1", "https://ca/chall/1", "token", "token.print"), new StoredProof("done.test", "https://ca/authz/2", null, "", "")],
    };

    [Fact]
    public void It_is_answered_for_its_own_host_and_token_alone()
    {
        Assert.Equal("token.print", Proving.FindAnswer("SHOP.test", "token"));
        Assert.Null(Proving.FindAnswer("other.test", "token"));
        Assert.Null(Proving.FindAnswer("shop.test", "TOKEN"));
        Assert.Null(Proving.Obtained(Now).FindAnswer("shop.test", "token"));
    }

    [Fact]
    public void A_failure_that_passes_keeps_the_order_and_another_gives_it_up()
    {
        var passing = Proving.Fail("503", isPassing: true, null, Now);
        var final = passing.Fail("no", isPassing: false, TimeSpan.FromHours(3), Now);

        Assert.Equal((OrderState.Proving, 1, "503", Now + TimeSpan.FromMinutes(1)), (passing.State, passing.Attempts, passing.Error, passing.NextAt));
        Assert.Equal((OrderState.Waiting, 2, null, Now + TimeSpan.FromHours(3)), (final.State, final.Attempts, final.Url, final.NextAt));
        Assert.Empty(final.Proofs);
        Assert.Equal(OrderState.Waiting, Proving.Fail("503", isPassing: true, null, Now + TimeSpan.FromHours(1)).State);
    }

    [Fact]
    public void A_certificate_that_is_there_waits_to_be_published()
    {
        var publishing = Proving.Go(OrderState.Publishing, Now) with { Chain = "chain", SealedKey = "sealed", PublishId = "id" };

        var failed = publishing.Fail("owned by others", isPassing: true, null, Now + TimeSpan.FromDays(2));

        Assert.Equal((OrderState.Publishing, "chain", "id"), (failed.State, failed.Chain, failed.PublishId));
    }

    [Fact]
    public void What_is_not_decided_within_an_hour_is_given_up()
    {
        Assert.Equal(OrderState.Proving, Proving.Wait(Now + TimeSpan.FromMinutes(59), null).State);
        var late = Proving.Wait(Now + TimeSpan.FromMinutes(61), null);
        Assert.Equal((OrderState.Waiting, 1), (late.State, late.Attempts));
    }

    [Fact]
    public void Another_declaration_begins_anew_and_the_same_one_changes_nothing()
    {
        var failed = Proving.Fail("no", isPassing: false, null, Now);

        Assert.Same(failed, failed.Declare("one"));
        Assert.Equal((0, null, OrderState.Waiting), (failed.Declare("two").Attempts, failed.Declare("two").NextAt, failed.Declare("two").State));
        Assert.Equal(OrderState.Waiting, Proving.Declare("two").State);
    }

    [Fact]
    public void Who_asks_for_one_is_heard_through_failures_until_it_is_there()
    {
        var asked = new StoredOrder().Declare("one").Fail("no", isPassing: true, null, Now).Ask();

        Assert.Equal((true, null, 0), (asked.IsAsked, asked.NextAt, asked.Attempts));
        Assert.True(asked.Go(OrderState.Ordered, Now).Fail("again", isPassing: false, null, Now).IsAsked);
        Assert.False(asked.Obtained(Now).IsAsked);
        Assert.False(Proving.Ask().IsAsked);
    }
}
