using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Compiles a revision that differs from another in a few routes only: everything else is shared with it.</summary>
internal static class RouteChanges
{
    /// <summary>The plan, or null where something is wrong: the whole is then compiled, which tells what.</summary>
    public static Plan? Apply(
        Compilation from, IReadOnlyCollection<RouteResource> removed, IReadOnlyCollection<RouteResource> added)
    {
        // Drafts are in a table of their own, and seldom.
        if (removed.Concat(added).Any(route => route.Lifecycle.Stage is Stage.Draft))
        {
            return null;
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

        var routes = from.Plan.Routes.Change(removed, compiled);
        return added.Any(route => routes.Beside(route).Any(other => RouteClaims.Meet(route.Match, other.Match))) ? null : from.Plan with { Routes = routes };
    }
}
