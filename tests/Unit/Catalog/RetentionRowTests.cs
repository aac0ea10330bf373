using Sluice.Grains.Catalog;

namespace Sluice.Tests.Unit.Catalog;

public sealed class RetentionRowTests
{
    [Fact]
    public void What_need_not_be_kept_goes_once_and_pinned_ones_stay()
    {
        var row = new RetentionRow().Pin(2).Release(4, _ => false);

        Assert.Equal([1, 3, 4], row.Owed());
        Assert.Empty(row.Settle().Owed());
        Assert.Equal([1, 3, 4], Enumerable.Range(1, 6).Where(n => row.Kept().IsPruned(n)));
    }

    [Fact]
    public void What_was_not_finished_is_owed_still()
    {
        var row = new RetentionRow().Release(2, _ => false).Release(3, _ => false);

        Assert.Equal([1, 2, 3], row.Owed());
    }

    [Fact]
    public void One_that_is_unpinned_late_goes_by_itself_unless_an_edge_serves_it()
    {
        var row = new RetentionRow().Pin(2).Release(4, _ => false).Settle().Unpin(2);

        Assert.False(row.Kept().IsPruned(2));
        Assert.Empty(row.Release(4, n => n == 2).Owed());
        var going = row.Release(4, _ => false);
        Assert.Equal([2], going.Owed());
        Assert.True(going.Kept().IsPruned(2));
        Assert.Empty(going.Settle().Owed());
    }

    [Fact]
    public void Nothing_to_do_is_the_same_row()
    {
        var row = new RetentionRow().Release(4, _ => false).Settle();

        Assert.Same(row, row.Release(3, _ => false));
    }
}
