using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Compiles a revision that differs from another in a few routes only: everything else is shared with it.</summary>
internal static class RouteChanges
{
    /// <summary>The plan and the claims, or null where something is wrong: the whole is then compiled, which tells what.</summary>
    public static (Plan Plan, ImmutableDictionary<UInt128, string> Claims)? Apply(
        Compilation from, IReadOnlyCollection<RouteResource> removed, IReadOnlyCollection<RouteResource> added)
    {
        // Drafts are in a table of their own, and seldom.
        if (removed.Concat(added).Any(route => route.Lifecycle.Stage is Stage.Draft))
        {
            return null;
        }

        var claims = from.Claims.RemoveRange(removed.SelectMany(route => RouteClaims.Of(route.Match).Select(RouteClaims.Key)));
        foreach (var (claim, name) in added.SelectMany(route => RouteClaims.Of(route.Match).Select(claim => (RouteClaims.Key(claim), route.Name))))
        {
            if (claims.TryGetValue(claim, out var owner) && !string.Equals(owner, name, StringComparison.Ordinal))
            {
                return null;
            }

            claims = claims.SetItem(claim, name);
        }

        // A route that goes away may be named elsewhere.
        var gone = removed.Select(route => route.Name).Except(added.Select(route => route.Name), StringComparer.Ordinal);
        if (gone.Any(route => CountedNames.IsNamed(route, from.Read)))
        {
            return null;
        }

        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var compiled = added.Select(route => RouteCompiler.Compile(route, from.Plan.Upstreams, from.Plan.Caches, from.Plan.Products, from.Plan.Settings, errors)).ToList();
        if (errors.Count > 0)
        {
            return null;
        }

        return (from.Plan with { Routes = from.Plan.Routes.Change(removed, compiled) }, claims);
    }
}
