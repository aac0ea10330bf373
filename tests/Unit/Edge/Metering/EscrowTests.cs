using CsCheck;
using Sluice.Edge.Metering;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class EscrowTests
{
    [Fact]
    public void What_was_lent_can_be_reserved_to_the_last_unit_and_no_further()
    {
        var escrow = Lent(10);

        Assert.True(escrow.TryReserve(7));
        Assert.False(escrow.TryReserve(4));
        Assert.True(escrow.TryReserve(3));
        Assert.False(escrow.TryReserve(1));
        Assert.Equal(0, escrow.Free);
    }

    [Fact]
    public void Settling_spends_what_was_used_and_frees_the_rest()
    {
        var escrow = Lent(10);
        escrow.TryReserve(8);

        escrow.Settle(8, 3);

        Assert.Equal((3, 0, 7), (escrow.Spent, escrow.Reserved, escrow.Free));
        Assert.False(escrow.IsHeld);
    }

    [Fact]
    public void Usage_beyond_its_reservation_is_counted_and_blocks_what_follows()
    {
        var escrow = Lent(10);
        escrow.TryReserve(5);

        escrow.Settle(5, 12);

        Assert.Equal(12, escrow.Spent);
        Assert.Equal(-2, escrow.Free);
        Assert.False(escrow.TryReserve(1));
    }

    [Fact]
    public void An_amount_told_late_or_twice_changes_nothing()
    {
        var escrow = Lent(10);

        escrow.Grow(25);
        escrow.Grow(10);
        escrow.Grow(25);

        Assert.Equal((25, 25), (escrow.Amount, escrow.Free));
    }

    [Fact]
    public void A_sealed_escrow_lends_nothing_but_settles_what_is_held()
    {
        var escrow = Lent(10);
        escrow.TryReserve(4);

        escrow.Seal();

        Assert.False(escrow.TryReserve(0));
        Assert.False(escrow.TryForce(1));
        Assert.True(escrow.IsHeld);
        escrow.Settle(4, 2);
        Assert.False(escrow.IsHeld);
        Assert.Equal(2, escrow.Spent);
        escrow.Grow(1_000_000);
        Assert.False(escrow.TryReserve(0));
    }

    [Fact]
    public void What_is_reserved_by_force_goes_beyond_the_amount()
    {
        var escrow = new Escrow();

        Assert.True(escrow.TryForce(5));

        escrow.Settle(5, 5);
        Assert.Equal((5, -5), (escrow.Spent, escrow.Free));
    }

    [Fact]
    public void Reserved_and_spent_never_exceed_the_amount_whatever_happens_in_whatever_order()
    {
        var step = Gen.OneOf(
            Gen.Long[0, 20].Select(n => (Kind: 'r', Amount: n)),
            Gen.Long[0, 100].Select(n => (Kind: 's', Amount: n)),
            Gen.Long[0, 200].Select(n => (Kind: 'g', Amount: n)));
        step.Array[0, 60].Sample(steps =>
        {
            var escrow = new Escrow();
            var held = new Stack<long>();
            foreach (var (kind, amount) in steps)
            {
                if (kind == 'r' && escrow.TryReserve(amount))
                {
                    held.Push(amount);
                }
                else if (kind == 's' && held.TryPop(out var reserved))
                {
                    escrow.Settle(reserved, reserved * amount / 100);
                }
                else if (kind == 'g')
                {
                    escrow.Grow(amount);
                }

                Assert.Equal(held.Sum(), escrow.Reserved);
                Assert.Equal(escrow.Amount - escrow.Reserved - escrow.Spent, escrow.Free);
                Assert.True(escrow.Free >= 0);
            }
        });
    }

    [Fact]
    public async Task Many_threads_together_spend_the_amount_exactly()
    {
        var escrow = Lent(10_000);
        var spent = 0L;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (escrow.TryReserve(3))
            {
                escrow.Settle(3, 1);
                Interlocked.Increment(ref spent);
            }
        }, TestContext.Current.CancellationToken)));

        Assert.Equal(spent, escrow.Spent);
        Assert.True(escrow.Free is >= 0 and < 3 * 4);
        Assert.Equal(10_000, escrow.Spent + escrow.Free);
    }

    private static Escrow Lent(long amount)
    {
        var escrow = new Escrow();
        escrow.Grow(amount);
        return escrow;
    }
}
