using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Finds the limits and budgets that bind a caller. Built once per revision; edges cache the answer by key.</summary>
public sealed class PolicyTable
{
    private readonly BySubject<LimitResource> _limits;
    private readonly BySubject<BudgetResource> _budgets;

    public PolicyTable(IEnumerable<LimitResource> limits, IEnumerable<BudgetResource> budgets) =>
        (_limits, _budgets) = (new(limits, l => l.Subject, l => l.For), new(budgets, b => b.Subject, b => b.For));

    /// <summary>Nothing binds anyone.</summary>
    public static PolicyTable Empty { get; } = new([], []);

    /// <summary>
    /// All that bind the caller, the widest subject first. <paramref name="tenant"/> null: an anonymous caller, whom only <c>workspace</c> subjects bind.
    /// <paramref name="keyId"/> null: some key of the tenant, whom what is declared for <c>key/*</c> binds under that name.
    /// </summary>
    /// <param name="team">The key's team, or null.</param>
    /// <param name="organisation">The tenant's organisation, or null.</param>
    /// <param name="standings">How the tenant stands to products: what is for one that is subscribed to binds its subscribers alone.</param>
    public BoundPolicies For(string? tenant, string? keyId, string? user, string? team = null, string? organisation = null, ImmutableArray<ProductStanding> standings = default)
    {
        var limits = ImmutableArray.CreateBuilder<Bound<LimitResource>>();
        var budgets = ImmutableArray.CreateBuilder<Bound<BudgetResource>>();
        Add(SubjectScope.Workspace, null);
        if (tenant is not null)
        {
            if (organisation is not null)
            {
                Add(SubjectScope.Organisation, organisation);
            }

            Add(SubjectScope.Tenant, tenant);
            if (team is not null)
            {
                Add(SubjectScope.Team, $"{tenant}/{team}");
            }

            if (user is not null)
            {
                Add(SubjectScope.User, $"{tenant}/{user}");
            }

            Add(SubjectScope.Key, keyId);
        }

        Replace(limits, l => l.InPlaceOf);
        Replace(budgets, b => b.InPlaceOf);
        return limits.Count + budgets.Count == 0 ? BoundPolicies.None : new BoundPolicies(limits.ToImmutable(), budgets.ToImmutable());

        void Add(SubjectScope scope, string? name)
        {
            _limits.AddTo(limits, scope, name, standings);
            _budgets.AddTo(budgets, scope, name, standings);
        }
    }

    // What was declared for this one subject counts, and not what each of its kind has.
    private static void Replace<T>(ImmutableArray<Bound<T>>.Builder found, Func<T, string?> inPlaceOf)
        where T : Resource
    {
        if (found.Any(bound => inPlaceOf(bound.Resource) is not null))
        {
            var replaced = found.Select(bound => inPlaceOf(bound.Resource)).ToHashSet(StringComparer.Ordinal);
            found.RemoveAll(bound => replaced.Contains(bound.Resource.Name));
        }
    }

    private sealed class BySubject<T>(IEnumerable<T> resources, Func<T, Subject> subjectOf, Func<T, PolicyFor> forOf)
        where T : Resource
    {
        private readonly FrozenDictionary<Subject, ImmutableArray<T>> _resources =
            resources.GroupBy(subjectOf).ToFrozenDictionary(g => g.Key, g => g.OrderBy(r => r.Name, StringComparer.Ordinal).ToImmutableArray());

        public void AddTo(ImmutableArray<Bound<T>>.Builder found, SubjectScope scope, string? name, ImmutableArray<ProductStanding> standings)
        {
            var subject = scope is SubjectScope.Workspace ? "workspace" : $"{scope.ToString().ToLowerInvariant()}/{name ?? "*"}";
            AddAll(new Subject(scope, name));
            if (name is not null)
            {
                AddAll(new Subject(scope, null));
            }

            void AddAll(Subject key)
            {
                foreach (var resource in _resources.GetValueOrDefault(key, []))
                {
                    if (forOf(resource) is not { BindsSubscribers: true, Product: { } product } || Offer.Holds(standings, product))
                    {
                        found.Add(new Bound<T>(resource, subject));
                    }
                }
            }
        }
    }
}

/// <summary>What binds one caller.</summary>
public sealed record BoundPolicies(ImmutableArray<Bound<LimitResource>> Limits, ImmutableArray<Bound<BudgetResource>> Budgets)
{
    /// <summary>Nothing.</summary>
    public static BoundPolicies None { get; } = new([], []);

    /// <summary>Those that count requests for a model, or with <c>route/</c> for a route.</summary>
    public BoundPolicies Of(string name) => Limits.All(l => l.Resource.For.Counts(name)) && Budgets.All(b => b.Resource.For.Counts(name)) ? this
        : new BoundPolicies([.. Limits.Where(l => l.Resource.For.Counts(name))], [.. Budgets.Where(b => b.Resource.For.Counts(name))]);

    /// <summary>Whether an answer's tokens must be bounded before it is asked for: a limit of tokens binds, or a hard budget of tokens or money.</summary>
    public bool BindsTokens => Limits.Any(l => l.Resource.Tokens is not null) || Budgets.Any(b => b.Resource is { Mode: BudgetMode.Hard, Unit: not BudgetUnit.Requests });
}

/// <summary>A policy and the subject it was resolved to, for example <c>tenant/acme</c> from <c>tenant/*</c>: together the grain's key.</summary>
public sealed record Bound<T>(T Resource, string Subject)
    where T : Resource;
