using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>A dated table of what providers' models cost. See docs/prices.md.</summary>
/// <param name="Currency">Three capital letters: of the amounts in it.</param>
/// <param name="IncludesList">Models that no entry fits are looked up in the shipped list.</param>
/// <param name="MarkUps">What is added for whom.</param>
/// <param name="Entries">In the order in which they are written.</param>
public sealed record PriceResource(string Name, string Currency, bool IncludesList, MarkUps MarkUps, ImmutableArray<PriceEntry> Entries) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Price";

    /// <summary>Stands for the shipped list where a table's name is asked for: no table has this name.</summary>
    public const string List = "list";

    /// <summary>Stands for no price: no table has this name.</summary>
    public const string None = "none";

    public override string Kind => KindName;
}

/// <summary>What some models of a provider cost from a day on.</summary>
/// <param name="Provider">The name of a <c>Provider</c>; null: any.</param>
/// <param name="Model">The provider's name of the model, or its beginning followed by <c>*</c>.</param>
/// <param name="From">The first day (UTC); null: since ever.</param>
/// <param name="Price">What it costs.</param>
public sealed record PriceEntry(string? Provider, string Model, DateOnly? From, Price Price);

/// <summary>What is added to prices, in parts per million: 100,000 makes them a tenth dearer, a negative one cheaper.</summary>
/// <param name="All">For tenants that have none of their own, and for requests without a key.</param>
/// <param name="Tenants">By tenant.</param>
public sealed record MarkUps(int All, ImmutableDictionary<string, int> Tenants)
{
    /// <summary>Nothing is added.</summary>
    public static MarkUps None { get; } = new(0, ImmutableDictionary<string, int>.Empty);

    /// <summary>For a tenant; null: without a key.</summary>
    public int Of(string? tenant) => tenant is not null && Tenants.TryGetValue(tenant, out var own) ? own : All;
}

/// <summary>How a model comes to its price.</summary>
public enum PricingSource
{
    /// <summary>Nothing is declared: from the shipped list where its target is called at the provider's own address and stands there, else none.</summary>
    Known,

    /// <summary>No money is counted.</summary>
    None,

    /// <summary>From the shipped list, in which every target must stand.</summary>
    List,

    /// <summary>From a <c>Price</c>, in which every target must stand.</summary>
    Table,

    /// <summary>Declared with the model.</summary>
    Own,
}

/// <summary>Whence a model has its price.</summary>
/// <param name="Table">The name of the <c>Price</c>; set with <see cref="PricingSource.Table"/> alone.</param>
/// <param name="Price">Set with <see cref="PricingSource.Own"/> alone.</param>
public sealed record ModelPricing(PricingSource Source, string? Table = null, Price? Price = null)
{
    /// <summary>Where nothing is declared.</summary>
    public static ModelPricing Undeclared { get; } = new(PricingSource.Known);
}
