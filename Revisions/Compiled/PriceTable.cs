using System.Collections.Immutable;
using System.Globalization;
using Sluice.Revisions.Prices;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>
/// Finds what a provider's model costs. The most special entry holds: the whole name of a model before its beginning, a longer beginning before a shorter one, then a named
/// provider before any. The beginning of a name says nothing of transcriptions. Of the entries that are as special, each holds from its day on, and the first of them before it as well.
/// </summary>
public sealed class PriceTable
{
    private readonly ImmutableArray<Row> _rows;
    private readonly MarkUps _markUps;
    private readonly long? _version;
    private readonly PriceTable? _included;

    /// <summary>Over a table's entries.</summary>
    /// <param name="name">For records of what was charged.</param>
    /// <param name="entries">What it says.</param>
    /// <param name="markUps">What is added for whom, also to what it includes.</param>
    /// <param name="version">Null: its version is the revision's.</param>
    /// <param name="included">Looked at where no entry fits; null: none.</param>
    public PriceTable(string name, IEnumerable<PriceEntry> entries, MarkUps markUps, long? version = null, PriceTable? included = null)
    {
        (Name, _markUps, _version, _included) = (name, markUps, version, included);
        _rows =
        [
            .. entries.GroupBy(e => (e.Provider, e.Model))
                .Select(g => new Row(g.Key.Provider, g.Key.Model, [.. g.OrderBy(e => e.From ?? DateOnly.MinValue).Select(e => new DatedPrice(e.From ?? DateOnly.MinValue, e.Price))]))
                .OrderBy(r => r.IsPattern)
                .ThenByDescending(r => r.Model.Length)
                .ThenBy(r => r.Provider is null),
        ];
    }

    /// <summary>The table's name.</summary>
    public string Name { get; }

    /// <summary>What stands behind a model's name where what is meant is the transcription of what was said to it in real time, which another model makes.</summary>
    public const string OfTranscription = "#transcription";

    /// <summary>The prices of a provider's model; null where there are none.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="model">By the provider's name for it.</param>
    public PriceSchedule? Find(ProviderResource provider, string model) => Find(provider.Name, provider, model);

    /// <summary>The prices of a model of a provider that may be gone.</summary>
    /// <param name="name">What the provider's resource is or was called.</param>
    /// <param name="provider">Null: it is gone.</param>
    /// <param name="model">By the provider's name for it.</param>
    internal PriceSchedule? Find(string name, ProviderResource? provider, string model) =>
        (Find(name, model) ?? _included?.Find(provider is null ? name : ListedPrices.VendorOf(provider) ?? name, model)) is { } prices
            ? new PriceSchedule(Name, _version, prices, _markUps)
            : null;

    /// <summary>The dated prices under a provider's name, of this table alone; null where there are none.</summary>
    internal ImmutableArray<DatedPrice>? Find(string provider, string model)
    {
        foreach (var row in _rows)
        {
            if (row.Fits(provider, model))
            {
                return row.Prices;
            }
        }

        return null;
    }

    private sealed record Row(string? Provider, string Model, ImmutableArray<DatedPrice> Prices)
    {
        public bool IsPattern => Model.EndsWith('*');

        public bool Fits(string provider, string model) => (Provider is null || string.Equals(Provider, provider, StringComparison.Ordinal))
            && (IsPattern ? model.AsSpan().StartsWith(Model.AsSpan(0, Model.Length - 1)) && !model.EndsWith(OfTranscription, StringComparison.Ordinal) : string.Equals(model, Model, StringComparison.Ordinal));
    }
}

/// <summary>A price and its first day (UTC).</summary>
public readonly record struct DatedPrice(DateOnly From, Price Price);

/// <summary>What one target costs, day by day.</summary>
/// <param name="table">Whence it is, for records of what was charged.</param>
/// <param name="version">The version of the table; null: that of the revision.</param>
/// <param name="prices">At least one, ordered by day.</param>
/// <param name="markUps">What is added for whom.</param>
public sealed class PriceSchedule(string table, long? version, ImmutableArray<DatedPrice> prices, MarkUps markUps)
{
    // A plan is run under one revision, as a rule.
    private Named? _name;

    /// <summary>A price that always holds, for everybody.</summary>
    public PriceSchedule(string table, Price price)
        : this(table, null, [new DatedPrice(DateOnly.MinValue, price)], MarkUps.None)
    {
    }

    /// <summary>Whence it is.</summary>
    public string Table => table;

    /// <summary>The price that holds at a time.</summary>
    public Price At(DateTimeOffset time)
    {
        var found = prices[0].Price;
        if (prices.Length > 1)
        {
            var day = DateOnly.FromDateTime(time.UtcDateTime);
            foreach (var dated in prices)
            {
                found = dated.From <= day ? dated.Price : found;
            }
        }

        return found;
    }

    /// <summary>What is added for a tenant, in parts per million.</summary>
    public int MarkUpOf(string? tenant) => markUps.Of(tenant);

    /// <summary>What a settlement says of its price: the table and its version, as <c>acme@42</c>.</summary>
    /// <param name="revision">The version of tables that have none of their own.</param>
    public string NameUnder(long revision)
    {
        var known = Volatile.Read(ref _name);
        if (known is null || known.Revision != revision)
        {
            known = new Named(revision, string.Create(CultureInfo.InvariantCulture, $"{table}@{version ?? revision}"));
            Volatile.Write(ref _name, known);
        }

        return known.Text;
    }

    private sealed record Named(long Revision, string Text);
}
