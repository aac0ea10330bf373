using System.Collections.Immutable;
using System.Globalization;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Price</c>.</summary>
internal static class PriceReader
{
    private const int MostRatio = 1_000_000;
    private const int LeastMarkUp = -Price.Whole;
    private const int MostMarkUp = 10 * Price.Whole;
    private const string Dollar = "USD";

    public static Resource Read(string name, Fields fields)
    {
        if (name is PriceResource.List or PriceResource.None)
        {
            fields.Wrong("name", $"'{name}' has a meaning of its own where a model names its price; call the table otherwise");
        }

        var currency = fields.TextOrNull("currency") ?? Dollar;
        if (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper))
        {
            fields.Wrong("currency", $"must be three capital letters, such as EUR; is '{currency}'");
            currency = Dollar;
        }

        var exchange = ReadExchange(fields, currency);
        var isIncluding = ReadIncludes(fields);
        var markUps = ReadMarkUps(fields);
        var entries = ReadEntries(fields, required: !isIncluding, currency, exchange);
        return new PriceResource(name, currency, isIncluding, markUps, entries);
    }

    /// <summary>Reads what something costs: its rates and, apart from those, what each request costs.</summary>
    public static Price ReadPrice(Fields fields, string currency, Exchange exchange)
    {
        var units = ReadUnits(fields, currency);
        var rates = ReadRates(fields, currency, isInputNeeded: units == UnitRates.None);
        var tiers = fields.Objects("tiers", required: false, item => new PriceTier(item.Number("above", 1, 1_000_000_000_000, fallback: null), ReadRates(item, currency, isInputNeeded: true)));
        if (tiers.Select(t => t.Above).Distinct().Count() < tiers.Length)
        {
            fields.Wrong("tiers", "has two tiers above the same number of tokens; change one of them");
        }

        return new Price(rates)
        {
            Tiers = tiers.Sort(static (a, b) => a.Above.CompareTo(b.Above)),
            Request = Optional(fields, "request", currency, 0),
            Units = units,
            BatchFactor = (int)fields.Number("batchFactor", 0, Price.Whole, Price.Whole),
            Exchange = exchange,
        };
    }

    /// <summary>Reads the entries of a table.</summary>
    public static ImmutableArray<PriceEntry> ReadEntries(Fields fields, bool required, string currency, Exchange exchange)
    {
        var entries = fields.Objects("entries", required, item => ReadEntry(item, currency, exchange));
        CheckTwice(fields, entries);
        return entries;
    }

    private static PriceEntry ReadEntry(Fields fields, string currency, Exchange exchange)
    {
        var model = fields.Text("model");
        if (model.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star != model.Length - 1)
        {
            fields.Wrong("model", $"may have one * at its end alone; is '{model}'");
        }

        // For people who look after the table.
        fields.TextOrNull("source");
        ReadDay(fields, "asOf");
        return new PriceEntry(fields.TextOrNull("provider"), model, ReadDay(fields, "from"), ReadPrice(fields, currency, exchange));
    }

    // A model that is billed in other units may have no price of tokens.
    private static TokenRates ReadRates(Fields fields, string currency, bool isInputNeeded)
    {
        var input = isInputNeeded ? Money.Read(fields, "input", least: 0, currency) : Optional(fields, "input", currency, 0);
        var output = Optional(fields, "output", currency, 0);
        return new TokenRates(
            input,
            Optional(fields, "cachedInput", currency, input),
            Optional(fields, "cacheWrite", currency, input),
            Optional(fields, "inputImage", currency, input),
            Optional(fields, "inputAudio", currency, input),
            output,
            Optional(fields, "reasoning", currency, output),
            Optional(fields, "outputAudio", currency, output));
    }

    private static UnitRates ReadUnits(Fields fields, string currency)
    {
        var pictures = fields.Objects("images", required: false, item => ReadPicture(item, currency));
        if (pictures.DistinctBy(p => (p.Size, p.Quality)).Count() < pictures.Length)
        {
            fields.Wrong("images", "has two prices for the same size and quality; change one of them");
        }

        return new UnitRates(
            Optional(fields, "image", currency, 0),
            [.. pictures.OrderBy(p => (p.Size is null ? 1 : 0) + (p.Quality is null ? 1 : 0)).ThenBy(p => p.Size is null)],
            Optional(fields, "minute", currency, 0),
            Optional(fields, "characters", currency, 0));
    }

    private static PictureRate ReadPicture(Fields fields, string currency)
    {
        var rate = new PictureRate(fields.TextOrNull("size"), fields.TextOrNull("quality"), Money.Read(fields, "price", least: 0, currency));
        if (rate is { Size: null, Quality: null })
        {
            fields.Wrong("size", "is missing, and quality too: give one of them, or write the price of any picture as image");
        }

        return rate;
    }

    private static long Optional(Fields fields, string field, string currency, long otherwise) =>
        fields.Has(field) ? Money.Read(fields, field, least: 0, currency) : otherwise;

    private static Exchange ReadExchange(Fields fields, string currency)
    {
        var isDollar = string.Equals(currency, Dollar, StringComparison.Ordinal);
        if (fields.Object("exchange") is not { } inner)
        {
            if (!isDollar)
            {
                fields.Wrong("exchange", $"is missing: money is counted in US dollars, and this table is in {currency}. Give {{ units: 100, dollars: 108 }}, when 100 {currency} are 108 USD");
            }

            return Exchange.None;
        }

        if (isDollar)
        {
            fields.Wrong("exchange", "has no effect, for the table is in US dollars already; leave it out");
        }

        var exchange = new Exchange((int)inner.Number("units", 1, MostRatio, fallback: null), (int)inner.Number("dollars", 1, MostRatio, fallback: null));
        inner.Close();
        return exchange;
    }

    private static bool ReadIncludes(Fields fields)
    {
        var includes = fields.TextOrNull("includes");
        if (includes is not (null or PriceResource.List))
        {
            fields.Wrong("includes", $"must be {PriceResource.List}, the list that Sluice is shipped with; is '{includes}'");
        }

        return includes is not null;
    }

    private static MarkUps ReadMarkUps(Fields fields)
    {
        if (fields.Object("markUp") is not { } inner)
        {
            return MarkUps.None;
        }

        var all = (int)inner.Number("all", LeastMarkUp, MostMarkUp, 0);
        var tenants = inner.Numbers("tenants", LeastMarkUp, MostMarkUp);
        foreach (var tenant in tenants.Keys.Where(t => !Names.IsResource(t)))
        {
            inner.Wrong($"tenants.{tenant}", $"is no tenant's name: {Names.ResourceRule}");
        }

        inner.Close();
        return new MarkUps(all, tenants.ToImmutableDictionary(t => t.Key, t => (int)t.Value, StringComparer.Ordinal));
    }

    private static DateOnly? ReadDay(Fields fields, string field)
    {
        if (fields.TextOrNull(field) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        fields.Wrong(field, $"must be a day such as 2026-01-31, is '{text}'");
        return null;
    }

    private static void CheckTwice(Fields fields, ImmutableArray<PriceEntry> entries)
    {
        var seen = new HashSet<(string?, string, DateOnly?)>();
        for (var i = 0; i < entries.Length; i++)
        {
            if (!seen.Add((entries[i].Provider, entries[i].Model, entries[i].From)))
            {
                fields.Wrong(string.Create(CultureInfo.InvariantCulture, $"entries[{i}]"), "is for the same provider, model and first day as one before it; change one of them");
            }
        }
    }
}
