using Sluice.Edge;
using Sluice.Edge.Bodies;

namespace Sluice.Tests.Unit.Edge.Bodies;

/// <summary>The room that bodies of requests under way take, of each tenant and of all.</summary>
public sealed class HeldBodiesTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public void A_tenant_has_its_own_share_and_all_have_one_together()
    {
        var bodies = new HeldBodies(new EdgeOptions { HeldMegabytes = 5, HeldMegabytesPerTenant = 2 });
        using var first = bodies.Begin("a", Megabyte);
        using var second = bodies.Begin("a", Megabyte);
        using var third = bodies.Begin("a", 20_000);
        Assert.Equal((429, "bodies_in_flight", TimeSpan.FromSeconds(1)), (third!.Refusal!.Status, third.Refusal.Code, third.Refusal.RetryAfter));

        using var other = bodies.Begin("b", 2 * Megabyte);
        using var nobody = bodies.Begin(null, Megabyte);
        Assert.Equal(((string?)null, (string?)null), (other!.Refusal?.Message, nobody!.Refusal?.Message));
        using var last = bodies.Begin("c", 20_000);
        Assert.Equal(503, last!.Refusal!.Status);
        Assert.Equal(413, bodies.Begin("d", (2 * Megabyte) + 1)!.Refusal!.Status);
        Assert.Equal((1, 1, 1, 5L * Megabyte), (bodies.Refused(BodyBound.Request), bodies.Refused(BodyBound.Tenant), bodies.Refused(BodyBound.Edge), bodies.Held));

        // What was refused holds nothing, and an end makes room.
        first!.Dispose();
        first.Dispose();
        Assert.Null(bodies.Begin("c", Megabyte)!.Refusal);
    }

    [Fact]
    public void A_body_that_does_not_tell_its_length_takes_room_as_it_comes_by_what_is_rented_for_it()
    {
        var bodies = new HeldBodies(new EdgeOptions { HeldMegabytes = 4, HeldMegabytesPerTenant = 2 });
        using var body = bodies.Begin("a", null);
        Assert.True(body!.TryHold(HeldBodies.LeastCounted));
        Assert.Equal(0, bodies.Held);
        Assert.True(body.TryHold(20_000));
        Assert.Equal(32_768, bodies.Held);
        Assert.True(body.TryHold(30_000));
        Assert.True(body.TryHold(1_100_000));
        Assert.Equal(2 * Megabyte, bodies.Held);
        Assert.False(body.TryHold(2_100_000));
        Assert.Equal((413, 2L * Megabyte), (body.Refusal!.Status, bodies.Held));
        body.Dispose();
        Assert.Equal((0, 0), (bodies.Held, bodies.Tenants));
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(16_384L)]
    public void Small_bodies_are_not_counted(long length) => Assert.Null(new HeldBodies(new EdgeOptions()).Begin("a", length));

    [Fact]
    public void However_they_come_and_go_no_bound_is_passed_and_nothing_is_left()
    {
        var bodies = new HeldBodies(new EdgeOptions { HeldMegabytes = 3, HeldMegabytesPerTenant = 2 });
        var most = 0L;
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 3_000; i++)
            {
                using var body = bodies.Begin($"t{random.Next(3)}", random.Next(20_000, Megabyte));
                using var more = bodies.Begin(null, null);
                more!.TryHold(random.Next(Megabyte));
                if (body!.Refusal is null)
                {
                    InterlockedMax(ref most, bodies.Held);
                }
            }
        });

        // Who asks is counted for a moment before it is refused: four at a time, a megabyte each.
        Assert.InRange(most, 1, 7 * Megabyte);
        Assert.Equal((0, 0), (bodies.Held, bodies.Tenants));
    }

    [Fact]
    public void What_is_not_set_comes_from_the_memory_of_the_process()
    {
        var options = new EdgeOptions();
        Assert.InRange(options.HeldBytes, 64L * Megabyte, Math.Max(64L * Megabyte, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4));
        Assert.Equal(options.HeldBytes / 2, options.HeldBytesOfTenant);
        Assert.Equal(8L * Megabyte, new EdgeOptions { HeldMegabytes = 8, HeldMegabytesPerTenant = 9 }.HeldBytesOfTenant);
        Assert.Equal(
            ["Edge:HeldMegabytes must be 1 to 1048576, is 0", "Edge:HeldMegabytesPerTenant must be 1 to 1048576, is -1"],
            new EdgeOptions { HeldMegabytes = 0, HeldMegabytesPerTenant = -1 }.Validate());
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (var before = Interlocked.Read(ref most); before < value && Interlocked.CompareExchange(ref most, value, before) != before; before = Interlocked.Read(ref most))
        {
        }
    }
}
