using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>The products of a revision, and what is in those that are subscribed to.</summary>
public sealed class ProductTable
{
    private readonly FrozenDictionary<string, ImmutableArray<string>> _closed;

    public ProductTable(IEnumerable<ProductResource> products)
    {
        All = [.. products.OrderBy(p => p.Name, StringComparer.Ordinal)];
        _closed = All.Where(p => p.Access is ProductAccess.Subscription)
            .SelectMany(p => p.Models.Concat(p.Routes.Select(route => PolicyFor.Route(route).Name!)), (product, name) => (Name: name, Product: product.Name))
            .GroupBy(p => p.Name, p => p.Product, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Distinct(StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>No products.</summary>
    public static ProductTable Empty { get; } = new([]);

    /// <summary>By name (ordinal).</summary>
    public ImmutableArray<ProductResource> All { get; }

    /// <summary>Whether something may be called by subscribers alone.</summary>
    public bool HasSubscriptions => _closed.Count > 0;

    /// <summary>The products that are subscribed to and have a model, by name; empty: none.</summary>
    public ImmutableArray<string> OfModel(string model) => _closed.GetValueOrDefault(model, []);

    /// <summary>The same of a route.</summary>
    public ImmutableArray<string> OfRoute(string route) => _closed.GetValueOrDefault(PolicyFor.Route(route).Name!, []);
}
