using Sluice.Edge.Identity;

namespace Sluice.Tests.Unit.Edge.Identity;

public sealed class KeyDigestTests
{
    [Fact]
    public void The_same_key_has_the_same_digest_and_another_one_another()
    {
        Assert.True(KeyDigest.TryCreate("slc_live_a", out var a));
        Assert.True(KeyDigest.TryCreate("slc_live_a", out var again));
        Assert.True(KeyDigest.TryCreate("slc_live_b", out var b));

        Assert.Equal(a, again);
        Assert.Equal(a.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(a, b);
        Assert.Equal("***", a.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("slc_live_ä")]
    [InlineData("slc_live_\ud800")]
    public void What_cannot_be_a_key_has_none(string text)
    {
        Assert.False(KeyDigest.TryCreate(text, out _));
    }

    [Fact]
    public void What_is_too_long_to_be_a_key_has_none()
    {
        Assert.True(KeyDigest.TryCreate(new string('a', KeyDigest.Longest), out _));
        Assert.False(KeyDigest.TryCreate(new string('a', KeyDigest.Longest + 1), out _));
    }

    [Fact]
    public void A_digest_is_made_without_allocating()
    {
        KeyDigest.TryCreate("warm", out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
        {
            KeyDigest.TryCreate("slc_live_0123456789012345678901234567890123456789012abcdef", out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
