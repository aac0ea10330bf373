using System.Collections.Frozen;
using System.Globalization;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Resolves what limits and budgets are <c>for</c>: a model, a route, or what a product has of both.</summary>
internal sealed class CountedNames(IReadOnlyCollection<Resource> resources)
{
    private readonly FrozenSet<string> _models = resources.OfType<ModelResource>().Select(m => m.Name).ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _routes = resources.OfType<RouteResource>().Select(r => r.Name).ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenDictionary<string, ProductResource> _products = resources.OfType<ProductResource>().ToFrozenDictionary(p => p.Name, StringComparer.Ordinal);

    /// <summary>Whether a route is one that a limit, a budget or a product names.</summary>
    public static bool IsNamed(string route, IEnumerable<Resource> resources) => resources.Any(r => r switch
    {
        BudgetResource budget => budget.For == PolicyFor.Route(route),
        LimitResource limit => limit.For == PolicyFor.Route(route),
        ProductResource product => product.Routes.Contains(route, StringComparer.Ordinal),
        _ => false,
    });

    /// <summary>All that is named and is not there.</summary>
    public IEnumerable<FieldError> Check()
    {
        foreach (var product in _products.Values)
        {
            foreach (var error in Missing(product, "models", ModelResource.KindName, product.Models, _models).Concat(Missing(product, "routes", RouteResource.KindName, product.Routes, _routes)))
            {
                yield return error;
            }
        }

        foreach (var (policy, of) in resources.OfType<BudgetResource>().Select(b => ((Resource)b, b.For)).Concat(resources.OfType<LimitResource>().Select(l => ((Resource)l, l.For))))
        {
            var path = $"{policy.Kind}/{policy.Name}: for";
            if (of.Name is { } name && !_models.Contains(name) && (of.RouteName is not { } route || !_routes.Contains(route)))
            {
                yield return new FieldError(path, $"there is no Model or Route '{name}'");
            }
            else if (of.Product is { } product && !_products.ContainsKey(product))
            {
                yield return new FieldError(path, $"there is no {ProductResource.KindName} '{product}'{Names.Suggest(product, _products.Keys)}");
            }
        }
    }

    /// <summary>All that is wrong with what stands in another's place.</summary>
    public IEnumerable<FieldError> CheckReplaced() =>
        CheckReplaced(resources.OfType<LimitResource>(), l => l.InPlaceOf, l => l.Subject, l => l.For).Concat(CheckReplaced(resources.OfType<BudgetResource>(), b => b.InPlaceOf, b => b.Subject, b => b.For));

    /// <summary>The limits and budgets, those for a product with what it has.</summary>
    public PolicyTable Table()
    {
        var members = _products.Values.ToFrozenDictionary(
            p => p.Name, p => p.Models.Concat(p.Routes.Select(route => PolicyFor.Route(route).Name!)).ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return new PolicyTable(
            resources.OfType<LimitResource>().Select(l => l.For.Product is { } product ? l with { For = Resolve(l.For, product) } : l),
            resources.OfType<BudgetResource>().Select(b => b.For.Product is { } product ? b with { For = Resolve(b.For, product) } : b));

        PolicyFor Resolve(PolicyFor of, string product) => of with { Members = members[product], BindsSubscribers = _products[product].Access is ProductAccess.Subscription };
    }

    private static IEnumerable<FieldError> CheckReplaced<T>(IEnumerable<T> all, Func<T, string?> inPlaceOf, Func<T, Subject> subjectOf, Func<T, PolicyFor> forOf)
        where T : Resource
    {
        var known = all.ToDictionary(policy => policy.Name, StringComparer.Ordinal);
        foreach (var policy in known.Values.Where(policy => inPlaceOf(policy) is not null))
        {
            var (path, name, own) = ($"{policy.Kind}/{policy.Name}: inPlaceOf", inPlaceOf(policy)!, subjectOf(policy));
            if (!known.TryGetValue(name, out var other))
            {
                yield return new FieldError(path, $"there is no {policy.Kind} '{name}'{Names.Suggest(name, known.Keys)}");
            }
            else if (own.Name is null || subjectOf(other) != new Subject(own.Scope, null))
            {
                yield return new FieldError(path, $"names {policy.Kind} '{name}', which is not for each such subject: what is for one, such as tenant/acme, stands in the place of what is for tenant/*");
            }
            else if (forOf(other) != forOf(policy))
            {
                yield return new FieldError(path, $"names {policy.Kind} '{name}', which counts other requests: the two must have the same 'for'");
            }
        }
    }

    private static IEnumerable<FieldError> Missing(ProductResource product, string field, string kind, IReadOnlyList<string> named, FrozenSet<string> known)
    {
        for (var i = 0; i < named.Count; i++)
        {
            if (!known.Contains(named[i]))
            {
                yield return new FieldError(
                    string.Create(CultureInfo.InvariantCulture, $"{product.Kind}/{product.Name}: {field}[{i}]"), $"there is no {kind} '{named[i]}'{Names.Suggest(named[i], known)}");
            }
        }
    }
}
