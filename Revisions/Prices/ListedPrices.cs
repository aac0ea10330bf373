using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Prices;

/// <summary>The price list that Sluice is shipped with: <c>Prices/list.json</c>, from the providers' public lists, each entry with its provider's page and the day as of which it was so.</summary>
public static class ListedPrices
{
    private static readonly Lazy<(PriceTable Table, long Version, FrozenDictionary<string, string> Hosts)> Shipped = new(Load);

    /// <summary>The list.</summary>
    public static PriceTable Table => Shipped.Value.Table;

    /// <summary>The list as a table of its own, for what is to be rated by it.</summary>
    public static PriceTable AsTable => new(PriceResource.List, [], MarkUps.None, Version, Table);

    /// <summary>The day on which the list was last changed, as a number: 20260131.</summary>
    public static long Version => Shipped.Value.Version;

    /// <summary>Under which name the list knows a provider that is called at its own address; null for all others.</summary>
    public static string? VendorOf(ProviderResource provider) => provider.Address is { } address ? Shipped.Value.Hosts.GetValueOrDefault(address.Host) : null;

    /// <summary>The prices of a provider's model; null where it is not in the list.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="model">By the provider's name for it.</param>
    /// <param name="byName">Whether a provider at another address is looked up by its resource's name.</param>
    public static PriceSchedule? Find(ProviderResource provider, string model, bool byName) =>
        (VendorOf(provider) ?? (byName ? provider.Name : null)) is { } vendor && Table.Find(vendor, model) is { } prices
            ? new PriceSchedule(PriceResource.List, Version, prices, MarkUps.None)
            : null;

    private static (PriceTable Table, long Version, FrozenDictionary<string, string> Hosts) Load()
    {
        using var stream = typeof(ListedPrices).Assembly.GetManifestResourceStream("Sluice.Revisions.Prices.list.json")
            ?? throw new InvalidOperationException("The price list is missing from the assembly.");
        using var document = JsonDocument.Parse(stream);
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var fields = new Fields(document.RootElement, "list.json: ", errors);
        var version = fields.Number("version", 20_200_101, 99_991_231, fallback: null);
        var hosts = fields.Values("hosts").ToFrozenDictionary(h => h.Key, h => h.Value[0], StringComparer.OrdinalIgnoreCase);
        var entries = PriceReader.ReadEntries(fields, required: true, "USD", Exchange.None);
        fields.Close();
        return errors.Count == 0
            ? (new PriceTable(PriceResource.List, entries, MarkUps.None, version), version, hosts)
            : throw new InvalidOperationException($"The price list cannot be read: {errors[0].Path} {errors[0].Message}");
    }
}
