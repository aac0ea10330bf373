using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Tenants;

/// <summary>
/// The subscriptions of one tenant to products; key: <c>workspace|tenant</c>. It promises: what was answered as approved or withdrawn is durable, and every edge that lives knows it
/// or has no right any more to go by what was before. Asking for the same again changes nothing, and tells it again. Described in docs/products.md.
/// </summary>
[Alias("sluice.subscriptions")]
public interface ISubscriptionsGrain : IGrainWithStringKey
{
    /// <summary>Asks for a product, again where it was rejected or withdrawn; one that approves by itself is approved at once.</summary>
    /// <param name="product">Its name.</param>
    /// <param name="note">Why, for those who decide; may be null.</param>
    /// <param name="author">Who asks.</param>
    [Alias("request")]
    Task<SubscriptionOutcome> RequestAsync(string product, string? note, Author author);

    /// <summary>Decides on what was asked for, or takes away what was approved.</summary>
    /// <param name="product">Its name; it need not be declared any more.</param>
    /// <param name="decision">What is decided.</param>
    /// <param name="reason">Why; may be null.</param>
    /// <param name="author">Who decides.</param>
    [Alias("decide")]
    Task<SubscriptionOutcome> DecideAsync(string product, SubscriptionDecision decision, string? reason, Author author);

    /// <summary>All that the tenant ever asked for, by product.</summary>
    [Alias("list")]
    Task<ImmutableArray<Subscription>> ListAsync();

    /// <summary>How the tenant stands to products, from a read that began after this was asked. Answered while other calls wait: key grains ask it.</summary>
    [Alias("standings"), AlwaysInterleave]
    Task<ProductStandings> StandingsAsync();
}

/// <summary>Whose subscriptions there are, so that they can be listed over all tenants; its key is the workspace's name. What it lists may not be there; what is there it lists.</summary>
[Alias("sluice.subscription-directory")]
public interface ISubscriptionDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Enters a subscription, before it is stored; entering twice is no error.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="isOpen">Whether somebody has to decide on it.</param>
    [Alias("put")]
    Task PutAsync(string id, bool isOpen);

    /// <summary>Ids after <paramref name="after"/> (ordinal), at most <paramref name="limit"/>.</summary>
    /// <param name="onlyOpen">Those alone that somebody has to decide on.</param>
    /// <param name="product">Of this product alone; null: of all.</param>
    [Alias("list")]
    Task<ImmutableArray<string>> ListAsync(string? after, int limit, bool onlyOpen, string? product);
}

/// <summary>How it stands with a tenant and a product.</summary>
public enum SubscriptionState
{
    /// <summary>Asked for; somebody has to decide.</summary>
    Requested,

    /// <summary>The tenant may call what the product has.</summary>
    Approved,

    /// <summary>It was asked for in vain; the tenant may ask again.</summary>
    Rejected,

    /// <summary>It was approved and is not any more; the tenant may ask again.</summary>
    Withdrawn,
}

/// <summary>What is decided on a subscription.</summary>
public enum SubscriptionDecision
{
    /// <summary>Of one that was requested.</summary>
    Approve,

    /// <summary>Of one that was requested.</summary>
    Reject,

    /// <summary>Of one that was approved.</summary>
    Withdraw,
}

/// <summary>A tenant's subscription to a product.</summary>
/// <param name="Steps">All that happened, oldest first, of many the last hundred; the last one is how it stands.</param>
[GenerateSerializer, Immutable, Alias("sluice.subscription")]
public sealed record Subscription([property: Id(0)] string Tenant, [property: Id(1)] string Product, [property: Id(2)] ImmutableArray<SubscriptionStep> Steps)
{
    // In no name of a tenant or a product.
    private const char Separator = '~';

    /// <summary>Of tenant and product: there is one subscription of each tenant to each product.</summary>
    public string Id => IdOf(Tenant, Product);

    /// <summary>How it stands.</summary>
    public SubscriptionState State => Steps[^1].State;

    /// <summary>The id of a tenant's subscription to a product.</summary>
    public static string IdOf(string tenant, string product) => $"{tenant}{Separator}{product}";

    /// <summary>What <see cref="IdOf"/> joined; null for what it did not.</summary>
    public static (string Tenant, string Product)? Split(string id) => id.Split(Separator) is [{ Length: > 0 } tenant, { Length: > 0 } product] ? (tenant, product) : null;
}

/// <summary>Something that happened to a subscription.</summary>
/// <param name="State">How it stood from then on.</param>
/// <param name="By">Who asked or decided; the system where the product approves by itself.</param>
/// <param name="Note">Why, in their words; or null.</param>
[GenerateSerializer, Immutable, Alias("sluice.subscription-step")]
public sealed record SubscriptionStep(
    [property: Id(0)] SubscriptionState State, [property: Id(1)] DateTimeOffset At, [property: Id(2)] Author By, [property: Id(3)] string? Note);

/// <summary>What became of a call: the subscription, or why there is none or it stays as it is.</summary>
/// <param name="Subscription">As it stands; null where there is none.</param>
/// <param name="Refusal">Why nothing was done.</param>
[GenerateSerializer, Immutable, Alias("sluice.subscription-outcome")]
public sealed record SubscriptionOutcome([property: Id(0)] Subscription? Subscription, [property: Id(1)] SubscriptionRefusal Refusal = SubscriptionRefusal.None);

/// <summary>Why nothing was done.</summary>
public enum SubscriptionRefusal
{
    /// <summary>It was done, or was so already.</summary>
    None,

    /// <summary>There is no such tenant.</summary>
    NoTenant,

    /// <summary>No such product is declared.</summary>
    NoProduct,

    /// <summary>The product is open: who has a key may call what it has.</summary>
    IsOpen,

    /// <summary>The tenant never asked for it.</summary>
    NotAsked,

    /// <summary>As it stands that cannot be decided.</summary>
    WrongState,
}

/// <summary>How a tenant stands to a product that it ever asked for.</summary>
[GenerateSerializer, Immutable, Alias("sluice.product-standing")]
public sealed record ProductStanding([property: Id(0)] string Product, [property: Id(1)] SubscriptionState State);

/// <summary>How a tenant stands to products.</summary>
/// <param name="Products">By name (ordinal).</param>
/// <param name="IsEnding">A subscription is being taken away in a strict workspace: this holds for requests that had come before it was asked for, and for no other.</param>
[GenerateSerializer, Immutable, Alias("sluice.product-standings")]
public sealed record ProductStandings([property: Id(0)] ImmutableArray<ProductStanding> Products, [property: Id(1)] bool IsEnding);
