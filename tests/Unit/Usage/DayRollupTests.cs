using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;
using Sluice.Tests.Unit.Edge.Metering;

namespace Sluice.Tests.Unit.Usage;

public sealed class DayRollupTests
{
    private readonly DayRollup _rollup = new(new StoredDay());

    [Fact]
    public void A_record_counts_to_its_row_its_tags_and_its_leases()
    {
        Take(Batch(3, Record("a", 1), Record("b", 2)));

        var sums = _rollup.Sums;
        Assert.Equal((2, 20), Assert.Single(sums.Rows) is var row ? (row.Used.Requests, row.Used.Tokens.Input) : default);
        Assert.Equal(["feature=chat", "team=suche"], sums.Tags.Select(tag => tag.Tag).Order(StringComparer.Ordinal));
        Assert.All(sums.Tags, tag => Assert.Equal((2, 2468), (tag.Used.Requests, tag.Used.CostNano)));
        Assert.Equal(new LeaseCharge("daily", "tenant/acme", "edge-1", 100, 14), Assert.Single(sums.Charges));
    }

    [Fact]
    public void Records_count_once_though_they_come_again_in_other_batches()
    {
        Take(Batch(3, Record("a", 1), Record("b", 2)));

        // As the edge's next start tells them from its journal.
        Take(Batch(4, Record("b", 2), Record("c", 4)));
        Take(Batch(2, Record("a", 1)));

        Assert.Equal(3, Assert.Single(_rollup.Sums.Rows).Used.Requests);
    }

    [Fact]
    public void Nothing_is_new_in_what_was_counted()
    {
        Take(Batch(3, Record("a", 1)));

        Assert.Null(_rollup.NewOf(Batch(3, Record("a", 1))));
        Assert.Equal("b", Assert.Single(_rollup.NewOf(Batch(4, Record("a", 1), Record("b", 2)))!.Records).RequestId);
    }

    [Fact]
    public void Rows_without_records_count_once_by_the_number_of_their_batch()
    {
        var rows = Batch(3) with { Rows = [UsageRows.Of(Record("a", 0))] };
        Take(rows);
        Take(rows);

        Assert.Equal(1, Assert.Single(_rollup.Sums.Rows).Used.Requests);
    }

    [Fact]
    public void What_was_stored_goes_on()
    {
        Take(Batch(3, Record("a", 1)));

        var next = new DayRollup(_rollup.Store(new StoredDay(), 1));

        Assert.Null(next.NewOf(Batch(3, Record("a", 1))));
        Assert.Equal(_rollup.Sums.Rows.AsEnumerable(), next.Sums.Rows);
        Assert.Equal(_rollup.Sums.Tags.AsEnumerable(), next.Sums.Tags);
        Assert.Equal(_rollup.Sums.Charges.AsEnumerable(), next.Sums.Charges);
    }

    [Fact]
    public void Past_the_bound_of_tags_totals_stay_exact()
    {
        const int many = DayRollup.MostTags + 10;
        Take(Batch(many, [.. Enumerable.Range(1, many).Select(i => Record($"r{i}", i) with { Tags = [$"id={i}"] })]));

        var tags = _rollup.Sums.Tags;
        Assert.Equal((DayRollup.MostTags + 1, many, 10), (tags.Length, tags.Sum(tag => tag.Used.Requests), tags.Single(tag => tag.Tag is DayRollup.Other).Used.Requests));
    }

    private static AttemptRecord Record(string request, long sequence) => Attempts.Record(request) with { Sequence = sequence };

    private static UsageBatch Batch(long number, params AttemptRecord[] records) => new("edge-1", number, [], [.. records]);

    private void Take(UsageBatch batch)
    {
        if (_rollup.NewOf(batch) is { } fresh)
        {
            _rollup.Take(fresh);
        }
    }
}
