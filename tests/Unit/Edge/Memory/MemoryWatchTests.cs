using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Memory;

namespace Sluice.Tests.Unit.Edge.Memory;

/// <summary>A watch over readings that the test makes.</summary>
public sealed class MemoryWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private long _used;
    private long _garbage;

    [Fact]
    public void It_refuses_while_memory_is_full_and_takes_requests_again()
    {
        using var watch = Watch(new EdgeOptions { MemoryFullAt = 90 });
        Assert.False(watch.IsFull);

        _used = 95;
        watch.Look();
        Assert.True(watch.IsFull);
        Assert.Contains("has used 95 % of the memory", watch.Why, StringComparison.Ordinal);
        Assert.Equal((503, "service_unavailable", TimeSpan.FromSeconds(2)), (watch.Refuse().Status, watch.Refuse().Code, watch.Refuse().RetryAfter));
        Assert.Equal(3, watch.Refused);

        _used = 60;
        watch.Look();
        Assert.False(watch.IsFull);
    }

    [Fact]
    public void Garbage_is_no_reason()
    {
        (_used, _garbage) = (30, 65);
        using var watch = Watch(new EdgeOptions { MemoryFullAt = 90 });
        Assert.False(watch.IsFull);
        Assert.Equal(0, _garbage);
    }

    [Fact]
    public void It_can_be_turned_off_and_its_bounds_are_checked()
    {
        _used = 99;
        using var off = Watch(new EdgeOptions { MemoryFullAt = 0 });
        Assert.False(off.IsFull);
        using var early = Watch(new EdgeOptions { MemoryFullAt = 50 });
        Assert.True(early.IsFull);
        Assert.Equal(
            ["Edge:MemoryMegabytes must be 1 to 1048576, is 0", "Edge:MemoryFullAt must be 0, which is never, or 50 to 99 percent, is 49"],
            new EdgeOptions { MemoryFullAt = 49, MemoryMegabytes = 0 }.Validate());
    }

    private MemoryWatch Watch(EdgeOptions options) =>
        new(options, () => new MemoryReading(_used + _garbage, 100, 0, 100), () => _garbage = 0, _time, NullLogger<MemoryWatch>.Instance);
}
