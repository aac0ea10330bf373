using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class HashRingTests
{
    private const int Many = 20_000;

    [Fact]
    public void Each_address_has_its_share_by_its_weight()
    {
        var counts = new int[4];
        var ring = Ring([1, 1, 2, 4]);
        foreach (var point in Points())
        {
            counts[ring.Find(point, [true, true, true, true])]++;
        }

        Assert.InRange(counts[0], Many / 8 * 0.7, Many / 8 * 1.3);
        Assert.InRange(counts[2], Many / 4 * 0.75, Many / 4 * 1.25);
        Assert.InRange(counts[3], Many / 2 * 0.85, Many / 2 * 1.15);
    }

    [Fact]
    public void One_that_comes_takes_its_share_and_moves_nothing_else()
    {
        var (before, after) = (Ring([1, 1, 1]), Ring([1, 1, 1, 1]));
        var moved = 0;
        foreach (var point in Points())
        {
            var (from, to) = (before.Find(point, [true, true, true]), after.Find(point, [true, true, true, true]));
            Assert.True(from == to || to == 3, FormattableString.Invariant($"{point} went from {from} to {to}"));
            moved += from == to ? 0 : 1;
        }

        Assert.InRange(moved, Many / 4 * 0.7, Many / 4 * 1.3);
    }

    [Fact]
    public void One_that_is_not_well_leaves_its_own_to_all_others_and_moves_nothing_else()
    {
        var ring = Ring([1, 1, 1]);
        var taken = new int[3];
        foreach (var point in Points())
        {
            var (from, to) = (ring.Find(point, [true, true, true]), ring.Find(point, [true, false, true]));
            Assert.True(from == 1 ? to != 1 : from == to, FormattableString.Invariant($"{point} went from {from} to {to}"));
            taken[to] += from == 1 ? 1 : 0;
        }

        Assert.All([taken[0], taken[2]], count => Assert.InRange(count, Many / 6 * 0.6, Many / 6 * 1.4));
        Assert.Equal(-1, ring.Find(7, [false, false, false]));
    }

    [Fact]
    public void Very_many_addresses_have_fewer_points_each()
    {
        var ring = new HashRing([.. Enumerable.Range(0, 10_000).Select(i => FormattableString.Invariant($"http://10.0.0.{i}"))], [.. Enumerable.Repeat(1, 10_000)]);

        Assert.True(Points().Select(point => ring.Find(point, AllOpen)).Distinct().Count() > 6_000);
    }

    private static readonly bool[] AllOpen = [.. Enumerable.Repeat(true, 10_000)];

    private static IEnumerable<ulong> Points() => Enumerable.Range(0, Many).Select(i => HashRing.PointOf(FormattableString.Invariant($"user-{i}")));

    private static HashRing Ring(int[] weights) => new([.. weights.Select((_, i) => FormattableString.Invariant($"http://10.0.0.{i + 1}:8080/"))], weights);
}
