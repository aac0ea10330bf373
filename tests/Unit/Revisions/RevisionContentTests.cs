using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

public sealed class RevisionContentTests
{
    private static readonly Gen<ResourceBody> AnyBody =
        Gen.Select(Gen.Int[0, 600], Gen.Int[0, 3], (name, content) => new ResourceBody("Route", $"r{name}", [], $"hash-{content}"));

    [Fact]
    public void The_hash_is_the_same_whatever_it_was_made_from() =>
        Gen.Select(AnyBody.Array[0, 700], Gen.Select(AnyBody.Array[0, 4], Gen.Int[0, 600].Array[0, 80]).Array[1, 6]).Sample((first, steps) =>
        {
            var content = RevisionContent.Of(Distinct(first));
            foreach (var (put, removed) in steps)
            {
                var resources = RevisionCompiler.Apply(content.Resources, Distinct(put), removed.Select(name => new ResourceKey("Route", $"r{name}")));
                var (near, whole) = (RevisionContent.Of(resources, content), RevisionContent.Of(resources));

                Assert.Equal(whole.Hash, near.Hash);
                Assert.Equal(resources.AsEnumerable(), near.Resources);
                content = near;
            }
        }, iter: 500);

    [Fact]
    public void Another_order_is_the_same_content_also_beside_a_known_one()
    {
        var bodies = Distinct(Enumerable.Range(0, 300).Select(i => new ResourceBody("Route", $"r{i}", [], "hash")));
        var known = RevisionContent.Of(bodies);

        var content = RevisionContent.Of([.. bodies.Reverse()], known);

        Assert.Equal(known.Hash, content.Hash);
        Assert.Equal(known.Resources.AsEnumerable(), content.Resources);
    }

    [Fact]
    public void Whatever_is_changed_in_one_of_many_resources_changes_the_hash()
    {
        var bodies = Distinct(Enumerable.Range(0, 200).Select(i => new ResourceBody("Route", $"r{i:000}", [], "hash")));
        var known = RevisionContent.Of(bodies);

        Assert.All(Enumerable.Range(0, bodies.Length), i =>
        {
            Assert.NotEqual(known.Hash, RevisionContent.Of(bodies.SetItem(i, bodies[i] with { Hash = "other" }), known).Hash);
            Assert.NotEqual(known.Hash, RevisionContent.Of(bodies.SetItem(i, bodies[i] with { Name = $"{bodies[i].Name}x" }), known).Hash);
            Assert.NotEqual(known.Hash, RevisionContent.Of(bodies.RemoveAt(i), known).Hash);
        });
    }

    [Fact]
    public void A_hash_over_all_lines_from_before_there_were_chunks_is_known_too()
    {
        var content = RevisionContent.Of(Distinct(Enumerable.Range(0, 200).Select(i => new ResourceBody("Route", $"r{i}", [], $"hash-{i}"))));
        var lines = string.Concat(content.Resources.Select(r => $"{r.Kind}/{r.Name} {r.Hash}\n"));

        Assert.True(content.IsOf(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)))));
        Assert.True(content.IsOf(content.Hash));
        Assert.False(content.IsOf(RevisionContent.Of(content.Resources.RemoveAt(0)).Hash));
    }

    private static ImmutableArray<ResourceBody> Distinct(IEnumerable<ResourceBody> bodies) => RevisionCompiler.Order(bodies.DistinctBy(b => b.Name));
}
