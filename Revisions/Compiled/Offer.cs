using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>How a model or a route is offered, where that is not to everybody and for good: to subscribers, to those who preview it, or until it ends.</summary>
public sealed class Offer
{
    private Offer(Lifecycle lifecycle, ImmutableArray<string> products)
    {
        (Lifecycle, Products) = (lifecycle, products);
        if (lifecycle.Stage is Stage.Deprecated)
        {
            // RFC 9745, section 2.1, and RFC 8594, section 3.
            Deprecation = string.Create(CultureInfo.InvariantCulture, $"@{lifecycle.Since!.Value.ToUnixTimeSeconds()}");
            Sunset = lifecycle.Sunset?.ToString("R", CultureInfo.InvariantCulture);
        }

        Links = LinksOf(lifecycle);
    }

    /// <summary>As declared.</summary>
    public Lifecycle Lifecycle { get; }

    /// <summary>The products that are subscribed to and have it, by name: an approved subscription to one of them is needed. Empty: none is.</summary>
    public ImmutableArray<string> Products { get; }

    /// <summary>The value of the header <c>Deprecation</c>; null: it is not deprecated.</summary>
    public string? Deprecation { get; }

    /// <summary>The value of the header <c>Sunset</c>, or null.</summary>
    public string? Sunset { get; }

    /// <summary>Values of the header <c>Link</c>: about its deprecation, and of a route what takes its place (RFC 5829, section 3.3).</summary>
    public ImmutableArray<string> Links { get; }

    /// <summary>The offer; null where it is one to everybody and without more.</summary>
    public static Offer? Of(Lifecycle lifecycle, ImmutableArray<string> products) => lifecycle.Stage is Stage.Published && products.IsEmpty ? null : new Offer(lifecycle, products);

    /// <summary>Whether a tenant has an approved subscription to a product.</summary>
    public static bool Holds(ImmutableArray<ProductStanding> standings, string product)
    {
        foreach (var standing in standings.IsDefault ? [] : standings)
        {
            if (standing.State is SubscriptionState.Approved && string.Equals(standing.Product, product, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What it is to a tenant.</summary>
    /// <param name="tenant">Null: nobody is known.</param>
    /// <param name="standings">How the tenant stands to products.</param>
    public OfferTo To(string? tenant, ImmutableArray<ProductStanding> standings)
    {
        if (Lifecycle.Stage is Stage.Retired)
        {
            return OfferTo.Retired;
        }

        if (Lifecycle.Stage is Stage.Draft && (tenant is null || !Lifecycle.Preview.Contains(tenant, StringComparer.Ordinal)))
        {
            return OfferTo.Hidden;
        }

        if (Products.IsEmpty)
        {
            return OfferTo.Served;
        }

        foreach (var product in Products)
        {
            if (Holds(standings, product))
            {
                return OfferTo.Served;
            }
        }

        return OfferTo.NotSubscribed;
    }

    private static ImmutableArray<string> LinksOf(Lifecycle lifecycle)
    {
        var links = ImmutableArray.CreateBuilder<string>();
        if (lifecycle.Link is { } link)
        {
            links.Add($"<{link.AbsoluteUri}>; rel=\"deprecation\"");
        }

        if (lifecycle.Successor is { } successor && (successor.StartsWith('/') || successor.Contains("://", StringComparison.Ordinal)))
        {
            links.Add($"<{successor}>; rel=\"successor-version\"");
        }

        return links.ToImmutable();
    }
}

/// <summary>What a model or a route is to a tenant.</summary>
public enum OfferTo
{
    /// <summary>It may be called.</summary>
    Served,

    /// <summary>It is not there.</summary>
    Hidden,

    /// <summary>An approved subscription is needed, and there is none.</summary>
    NotSubscribed,

    /// <summary>It is not served any more.</summary>
    Retired,
}
