using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Grains.Catalog;

/// <summary>
/// Who owns what after a change, and what the change may not touch because it is another's. A resource that the change leaves as it is keeps its owner, though the
/// change names it: so what was read from one way in can be sent back through another. Plain rules, described in docs/decisions/0015.
/// </summary>
/// <param name="owner">The way in that asks.</param>
/// <param name="takeOver">Whether it takes what it names, changes or removes from other owners.</param>
/// <param name="named">What the change names: only with <paramref name="takeOver"/> does an unchanged one of them change hands.</param>
public sealed class Ownership(string owner, bool takeOver, IReadOnlySet<ResourceKey> named)
{
    /// <summary>The resources after the change with their owners, ordered, and those that belong to others and would be changed or removed.</summary>
    /// <param name="before">The resources before the change, ordered.</param>
    /// <param name="after">The resources after it, in any order.</param>
    public (ImmutableArray<ResourceBody> Resources, ImmutableArray<OwnedResource> Owned) Claim(ImmutableArray<ResourceBody> before, IEnumerable<ResourceBody> after)
    {
        var wanted = RevisionCompiler.Order(after);
        var result = ImmutableArray.CreateBuilder<ResourceBody>(wanted.Length);
        var owned = ImmutableArray.CreateBuilder<OwnedResource>();

        // The very same resource keeps its owner, unless it is named and taken over.
        var (first, last) = takeOver ? (0, 0) : RevisionCompiler.Shared(before, wanted);
        result.AddRange(before.AsSpan()[..first]);
        var rest = before.AsSpan()[^last..].ToImmutableArray();
        (before, wanted) = (before[first..^last], wanted[first..^last]);
        foreach (var (old, next) in RevisionCompiler.Pairs(before, wanted))
        {
            if (next is not { } place)
            {
                Touch(before[old!.Value]);
            }
            else if (old is not { } at)
            {
                result.Add(Own(wanted[place]));
            }
            else if (IsKept(before[at], wanted[place]))
            {
                result.Add(before[at]);
            }
            else
            {
                Touch(before[at]);
                result.Add(Own(wanted[place]));
            }
        }

        result.AddRange(rest);
        return (result.DrainToImmutable(), owned.ToImmutable());

        void Touch(ResourceBody was)
        {
            if (!takeOver && !IsOwn(was))
            {
                owned.Add(new OwnedResource(was.Kind, was.Name, Owners.Of(was)));
            }
        }
    }

    /// <summary>Whether a resource belongs to the way in that asks.</summary>
    public bool IsOwn(ResourceBody body) => string.Equals(Owners.Of(body), owner, StringComparison.Ordinal);

    private bool IsKept(ResourceBody was, ResourceBody body) =>
        string.Equals(was.Hash, body.Hash, StringComparison.Ordinal) && !(takeOver && named.Contains(new ResourceKey(body.Kind, body.Name)));

    private ResourceBody Own(ResourceBody body) => IsOwn(body) ? body : body with { Owner = owner is Owners.Api ? null : owner };
}
