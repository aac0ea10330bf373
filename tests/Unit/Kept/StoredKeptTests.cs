using Sluice.Grains.Interfaces.Kept;
using Sluice.Grains.Kept;

namespace Sluice.Tests.Unit.Kept;

/// <summary>The rules of what is listed of a tenant's kept objects.</summary>
public sealed class StoredKeptTests
{
    private static readonly KeptQuery All = new(null, 10_000, IsAscending: true, null);

    [Fact]
    public void The_oldest_entries_are_let_go_of_first_and_an_entry_stands_once()
    {
        var kept = Enumerable.Range(0, IKeptObjectsGrain.Most + 5).Aggregate(new StoredKept(), (state, i) => state.With(Of(i), now: 1)).With(Of(7), now: 1);

        var listed = kept.List(All, now: 1).Items;
        Assert.Equal(IKeptObjectsGrain.Most, listed.Length);
        Assert.Equal(("id5", "id7"), (listed[0].Id, listed[^1].Id));
        Assert.Single(listed, o => o.Id is "id7");
    }

    [Fact]
    public void What_has_expired_is_not_listed_and_makes_room()
    {
        var kept = new StoredKept().With(Of(1) with { ExpiresAt = 10 }, now: 1).With(Of(2), now: 1);

        Assert.Equal(["id1", "id2"], kept.List(All, now: 9).Items.Select(o => o.Id));
        Assert.Equal(["id2"], kept.List(All, now: 10).Items.Select(o => o.Id));
        Assert.Equal(2, kept.With(Of(3), now: 10).All.Length);
    }

    [Fact]
    public void What_is_removed_is_named_by_where_it_was_kept()
    {
        var kept = new StoredKept().With(Of(1), now: 1).With(Of(1) with { Id = "other", Provider = "another" }, now: 1);

        Assert.Equal(["other"], kept.Without("p", "place1").List(All, now: 1).Items.Select(o => o.Id));
        Assert.Same(kept, kept.Without("p", "place2"));
    }

    [Fact]
    public void A_page_ends_where_it_was_asked_to_and_says_whether_others_follow()
    {
        var kept = Enumerable.Range(0, 5).Aggregate(new StoredKept(), (state, i) => state.With(Of(i), now: 1));

        var first = kept.List(new KeptQuery(null, 3, IsAscending: false, null), now: 1);
        var rest = kept.List(new KeptQuery("id2", 3, IsAscending: false, null), now: 1);

        Assert.Equal(["id4", "id3", "id2"], first.Items.Select(o => o.Id));
        Assert.Equal(["id1", "id0"], rest.Items.Select(o => o.Id));
        Assert.Equal((true, false), (first.HasMore, rest.HasMore));
        Assert.False(kept.List(new KeptQuery("unknown", 3, IsAscending: false, null), now: 1).IsFound);
        Assert.Equal(["id0", "id2", "id4"], kept.List(All with { Purpose = "even" }, now: 1).Items.Select(o => o.Id));
        Assert.Single(kept.List(All with { Limit = 0 }, now: 1).Items);
    }

    private static KeptObject Of(int i) => new($"id{i}", "p", $"place{i}", 1, i, null, "name", i % 2 == 0 ? "even" : "odd");
}
