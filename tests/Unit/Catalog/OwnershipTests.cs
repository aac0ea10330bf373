using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Catalog;

public sealed class OwnershipTests
{
    private static readonly ImmutableArray<ResourceBody> Before = [Body("a", "1"), Body("b", "1", "folder:base"), Body("c", "1", "git:site")];

    [Fact]
    public void What_is_added_belongs_to_the_way_in_that_adds_it()
    {
        Assert.Equal("api", Owner(Claim("api", [.. Before, Body("n", "1")]).Resources, "n"));
        Assert.Equal("folder:base", Owner(Claim("folder:base", [.. Before, Body("n", "1")]).Resources, "n"));
    }

    [Fact]
    public void What_stays_as_it_is_keeps_its_owner_whoever_names_it()
    {
        var (resources, owned) = Claim("git:site", [Body("a", "1"), Body("b", "1"), Body("c", "1")], named: ["a", "b", "c"]);

        Assert.Empty(owned);
        Assert.Equal(Before, resources);
    }

    [Theory]
    [InlineData("api", "b folder:base,c git:site")]
    [InlineData("folder:base", "a api,c git:site")]
    [InlineData("git:site", "a api,b folder:base")]
    public void What_belongs_to_others_is_neither_changed_nor_removed(string owner, string refused)
    {
        foreach (var after in new ResourceBody[][] { [Body("a", "2"), Body("b", "2"), Body("c", "2")], [] })
        {
            Assert.Equal(refused.Split(','), Claim(owner, after).Owned.Select(o => $"{o.Name} {o.Owner}"));
        }
    }

    [Fact]
    public void Taking_over_changes_hands_of_what_is_named_and_of_what_changes_and_of_nothing_else()
    {
        var (resources, owned) = Claim("folder:base", [Body("a", "1"), Body("b", "1"), Body("c", "2")], takeOver: true, named: ["b", "c"]);

        Assert.Empty(owned);
        Assert.Equal(["api", "folder:base", "folder:base"], new[] { "a", "b", "c" }.Select(name => Owner(resources, name)));
        Assert.Empty(Claim("api", [], takeOver: true).Owned);
    }

    [Fact]
    public void A_change_of_hands_is_a_change_that_tells_both_and_not_of_the_hash()
    {
        var after = Claim("api", Before, takeOver: true, named: ["b"]).Resources;

        Assert.Equal([new ResourceChange(ChangeType.Changed, "Upstream", "b", "folder:base", "api")], RevisionCompiler.Diff(Before, after));
        Assert.Equal(RevisionCompiler.Hash(Before), RevisionCompiler.Hash(after));
    }

    private static (ImmutableArray<ResourceBody> Resources, ImmutableArray<OwnedResource> Owned) Claim(
        string owner, IEnumerable<ResourceBody> after, bool takeOver = false, string[]? named = null) =>
        new Ownership(owner, takeOver, (named ?? []).Select(n => new ResourceKey("Upstream", n)).ToHashSet()).Claim(Before, after);

    private static string Owner(ImmutableArray<ResourceBody> resources, string name) => Owners.Of(resources.Single(r => string.Equals(r.Name, name, StringComparison.Ordinal)));

    private static ResourceBody Body(string name, string hash, string? owner = null) => new("Upstream", name, [], hash, owner);
}
