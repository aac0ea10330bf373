using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Catalog;

public sealed class AuditChainTests
{
    [Fact]
    public void A_chain_as_it_was_made_is_whole() => Assert.Empty(Walk(Chain(5), Chain(5)[^1].Hash).Faults);

    [Fact]
    public void An_entry_that_was_altered_is_named()
    {
        var chain = Chain(5);
        chain[2] = chain[2] with { Info = chain[2].Info with { Reason = "another" } };

        Assert.StartsWith("entry 3 was altered", Assert.Single(Walk(chain, chain[^1].Hash).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_was_altered_together_with_its_hash_shows_in_the_next_one()
    {
        var chain = Chain(5);
        var info = chain[2].Info with { Reason = "another" };
        chain[2] = chain[2] with { Info = info, Hash = AuditChain.Hash(chain[2].Previous, info) };

        Assert.StartsWith("entry 4 follows on", Assert.Single(Walk(chain, chain[^1].Hash).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_that_was_cut_off_shows_in_the_head()
    {
        var chain = Chain(5);

        Assert.StartsWith("the head holds", Assert.Single(Walk(chain[..4], chain[^1].Hash).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Revisions_of_before_there_was_a_chain_are_no_fault()
    {
        var chain = Chain(3);
        AuditEntry[] old = [new(Info(1), "", ""), .. chain[1..]];
        old[1] = old[1] with { Previous = "", Hash = AuditChain.Hash("", old[1].Info) };
        old[2] = old[2] with { Previous = old[1].Hash, Hash = AuditChain.Hash(old[1].Hash, old[2].Info) };

        Assert.Empty(Walk(old, old[2].Hash).Faults);
    }

    private static AuditReport Walk(IEnumerable<AuditEntry> entries, string head)
    {
        var walk = new AuditWalk();
        foreach (var entry in entries)
        {
            walk.Take(entry);
        }

        return walk.End(head);
    }

    private static AuditEntry[] Chain(int length)
    {
        var (entries, last) = (new List<AuditEntry>(), "");
        for (var number = 1; number <= length; number++)
        {
            var hash = AuditChain.Hash(last, Info(number));
            entries.Add(new AuditEntry(Info(number), last, hash));
            last = hash;
        }

        return [.. entries];
    }

    private static RevisionSummary Info(long number) =>
        new(number, $"h{number}", DateTimeOffset.UnixEpoch.AddDays(number), new Author("ann", "api", "127.0.0.1"), "why", 1, [], null);
}
