using Sluice.Edge.Identity;

namespace Sluice.Tests.Unit.Edge.Identity;

public sealed class BoundedMemoryTests
{
    [Fact]
    public void The_oldest_makes_room_but_one_that_was_used_gets_another_turn()
    {
        var order = new SecondChance<Entry>(3);
        Entry[] entries = [new(), new(), new(), new(), new()];
        Assert.All(entries[..3], entry => Assert.Null(order.Add(entry, _ => true)));
        entries[0].IsUsed = true;

        Assert.Same(entries[1], order.Add(entries[3], _ => true));
        Assert.Same(entries[2], order.Add(entries[4], _ => true));
        Assert.False(entries[0].IsUsed);
        Assert.Equal(3, order.Count);
    }

    [Fact]
    public void One_that_the_cache_let_go_of_itself_makes_room_for_nothing()
    {
        var order = new SecondChance<Entry>(2);
        var gone = new Entry();
        order.Add(gone, _ => true);
        order.Add(new Entry(), _ => true);

        Assert.Null(order.Add(new Entry(), entry => !ReferenceEquals(entry, gone)));
        Assert.Equal(2, order.Count);
    }

    [Fact]
    public void Where_all_are_in_use_one_makes_room_all_the_same()
    {
        var order = new SecondChance<Busy>(3);
        for (var i = 0; i < 3; i++)
        {
            order.Add(new Busy(), _ => true);
        }

        Assert.NotNull(order.Add(new Busy(), _ => true));
    }

    [Fact]
    public void Refused_keys_are_remembered_for_their_time_and_the_oldest_make_room()
    {
        var refused = new RefusedKeys(2);
        refused.Add(Key("a"), 10);
        refused.Add(Key("b"), 20);

        Assert.True(refused.Contains(Key("a"), 9));
        Assert.False(refused.Contains(Key("a"), 10));
        refused.Add(Key("c"), 20);
        Assert.False(refused.Contains(Key("a"), 0));
        Assert.True(refused.Contains(Key("b"), 0));
        Assert.Equal(2, refused.Count);
        refused.Clear();
        Assert.False(refused.Contains(Key("b"), 0));
    }

    private static KeyDigest Key(string text)
    {
        Assert.True(KeyDigest.TryCreate(text, out var digest));
        return digest;
    }

    private sealed class Entry : IUsed
    {
        public bool IsUsed { get; set; }
    }

    /// <summary>Used again as soon as its mark is cleared.</summary>
    private sealed class Busy : IUsed
    {
        public bool IsUsed
        {
            get => true;
            set => _ = value;
        }
    }
}
