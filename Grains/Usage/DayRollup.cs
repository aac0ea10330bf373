using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>
/// The rules of a tenant's day: what of a batch is new, and what it adds to the sums. Past the bounds of different rows, further ones are summed under <see cref="Other"/>:
/// totals stay exact. Plain code; for use within one grain's turns.
/// </summary>
internal sealed class DayRollup
{
    /// <summary>The most rows of one day.</summary>
    public const int MostRows = 50_000;

    /// <summary>The most rows by tag of one day.</summary>
    public const int MostTags = 20_000;

    /// <summary>Stands for keys, models and tags past the bound.</summary>
    public const string Other = "…other";

    private readonly Dictionary<UsageKey, UsageFigures> _rows;
    private readonly Dictionary<(int Hour, string Tag, string Model), UsageFigures> _tags;
    private readonly Dictionary<LeaseCharge, long> _charges;
    private ImmutableDictionary<string, CountedEdge> _counted;

    /// <summary>Goes on from what was stored.</summary>
    public DayRollup(StoredDay stored)
    {
        _rows = stored.Rows.ToDictionary(row => row.Key, row => row.Used);
        _tags = stored.Tags.ToDictionary(row => (row.Hour, row.Tag, row.Model), row => row.Used);
        _charges = stored.Charges.ToDictionary(charge => charge with { Amount = 0 }, charge => charge.Amount);
        _counted = stored.Counted;
    }

    /// <summary>The sums.</summary>
    public DaySums Sums => new(
        [.. _rows.Select(row => new UsageRow(row.Key, row.Value))],
        [.. _tags.Select(row => new TagRow(row.Key.Hour, row.Key.Tag, row.Key.Model, row.Value))],
        [.. _charges.Select(charge => charge.Key with { Amount = charge.Value })]);

    /// <summary>What of a batch was not counted before; null: nothing.</summary>
    public UsageBatch? NewOf(UsageBatch batch)
    {
        var counted = _counted.GetValueOrDefault(batch.Edge);
        var rows = batch.Number > counted.Number ? batch.Rows : [];
        var records = batch.Records.RemoveAll(record => record.Sequence <= counted.Sequence);
        return rows.IsEmpty && records.IsEmpty ? null : batch with { Rows = rows, Records = records };
    }

    /// <summary>Counts what is new.</summary>
    public void Take(UsageBatch fresh)
    {
        foreach (var row in fresh.Rows)
        {
            Add(row);
        }

        foreach (var record in fresh.Records)
        {
            Add(UsageRows.Of(record));
            foreach (var tag in record.Tags)
            {
                AddTag(record, tag);
            }

            foreach (var charge in record.Charges)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_charges, charge with { Amount = 0 }, out _) += charge.Amount;
            }
        }

        var counted = _counted.GetValueOrDefault(fresh.Edge);
        var last = fresh.Records is [.., var newest] ? newest.Sequence : 0;
        _counted = _counted.SetItem(fresh.Edge, new CountedEdge(Math.Max(counted.Number, fresh.Number), Math.Max(counted.Sequence, last)));
    }

    /// <summary>With today's sums.</summary>
    /// <param name="stored">The rest.</param>
    /// <param name="next">The first batch that is not in the sums.</param>
    public StoredDay Store(StoredDay stored, long next)
    {
        var sums = Sums;
        return stored with { Rows = sums.Rows, Tags = sums.Tags, Charges = sums.Charges, Counted = _counted, Summed = next };
    }

    private void Add(in UsageRow row)
    {
        var key = _rows.Count < MostRows || _rows.ContainsKey(row.Key) ? row.Key : row.Key with { Hour = 0, KeyId = Other, Model = Other, Target = "" };
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out _);
        sum += row.Used;
    }

    private void AddTag(AttemptRecord record, string tag)
    {
        var key = (record.Ended.UtcDateTime.Hour, tag, record.Asked);
        key = _tags.Count < MostTags || _tags.ContainsKey(key) ? key : (0, Other, Other);
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_tags, key, out _);
        sum += UsageRows.FiguresOf(record);
    }
}
