using Sluice.Edge.Memory;

namespace Sluice.Tests.Unit.Edge.Memory;

public sealed class MemoryRuleTests
{
    private readonly MemoryRule _rule = new(0.9);

    [Fact]
    public void It_is_full_only_where_what_was_collected_left_it_so()
    {
        Assert.Equal(MemoryMove.None, Look(0, 89));
        Assert.Equal(MemoryMove.Collect, Look(1, 95));
        Assert.Equal(MemoryMove.None, Look(1, 40));
        Assert.False(_rule.IsFull);

        Assert.Equal(MemoryMove.Collect, Look(10, 95));
        Assert.Equal(MemoryMove.Filled, Look(10, 93));
        Assert.True(_rule.IsFull);
    }

    [Fact]
    public void Once_full_it_stays_so_until_a_good_part_is_free()
    {
        Fill();
        Assert.Equal(MemoryMove.None, Look(1, 95));
        Assert.Equal(MemoryMove.None, Look(2, 89));
        Assert.Equal(MemoryMove.None, Look(3, 85));
        Assert.Equal(MemoryMove.Freed, Look(4, 84));
        Assert.False(_rule.IsFull);
        Assert.Equal(MemoryMove.None, Look(4, 84));
    }

    [Fact]
    public void While_it_is_full_garbage_is_collected_now_and_then()
    {
        Fill();
        Assert.Equal(MemoryMove.None, Look(4.9, 88));
        Assert.Equal(MemoryMove.Collect, Look(5, 88));
        Assert.Equal(MemoryMove.None, Look(5, 88));
        Assert.Equal(MemoryMove.None, Look(9, 88));
        Assert.Equal(MemoryMove.Collect, Look(10, 88));
        Assert.Equal(MemoryMove.Freed, Look(10, 50));
    }

    [Fact]
    public void Garbage_that_comes_too_soon_after_a_collection_is_not_waited_for()
    {
        Assert.Equal(MemoryMove.Collect, Look(0, 91));
        Assert.Equal(MemoryMove.None, Look(0, 50));
        Assert.Equal(MemoryMove.Filled, Look(1, 91));
    }

    [Theory]
    [InlineData(90, 100, 10, 1000, 0.9)]
    [InlineData(10, 100, 950, 1000, 0.95)]
    [InlineData(10, 0, 0, 0, 0)]
    public void The_fuller_of_heap_and_process_counts(long heap, long mostHeap, long resident, long mostResident, double share) =>
        Assert.Equal(share, new MemoryReading(heap, mostHeap, resident, mostResident).Share, 6);

    [Fact]
    public void What_the_runtime_tells_is_plausible_and_a_setting_is_an_upper_bound()
    {
        var now = MemoryReading.Now(null);
        Assert.InRange(now.Share, 0.0001, 5);
        Assert.True(now.Heap > 0 && now.Resident > 0 && now.MostHeap > 1 << 20 && now.MostResident > 1 << 20);
        Assert.Equal((1L << 20, 1L << 20), (MemoryReading.Now(1 << 20).MostHeap, MemoryReading.Now(1 << 20).MostResident));
        Assert.Equal(now.MostHeap, MemoryReading.Now(long.MaxValue).MostHeap);
    }

    private MemoryMove Look(double second, long percent) => _rule.Look(new MemoryReading(percent, 100, 0, 100), TimeSpan.FromSeconds(second));

    private void Fill()
    {
        Look(0, 95);
        Assert.Equal(MemoryMove.Filled, Look(0, 95));
    }
}
