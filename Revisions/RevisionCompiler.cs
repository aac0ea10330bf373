using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Compiles a whole revision: silos to check a candidate, edges to run it. The same code for both.</summary>
public static class RevisionCompiler
{
    /// <summary>The most resources that a revision may have.</summary>
    public const int MostResources = 20_000;

    private static readonly Comparer<ResourceKey> ByKindThenName = Comparer<ResourceKey>.Create(static (a, b) =>
        string.CompareOrdinal(a.Kind, b.Kind) is not 0 and var byKind ? byKind : string.CompareOrdinal(a.Name, b.Name));

    /// <summary>Checks every reference and conflict between resources and builds what edges run.</summary>
    /// <param name="resources">The whole revision.</param>
    /// <param name="from">A compiled revision that it may have much in common with; the result is the same as without.</param>
    public static CompileResult Compile(ImmutableArray<ResourceBody> resources, Compilation? from = null)
    {
        if (resources.Length > MostResources)
        {
            return new CompileResult(null, [new FieldError("", string.Create(CultureInfo.InvariantCulture, $"a revision has at most {MostResources} resources, this one would have {resources.Length}"))]);
        }

        return Compile(RevisionContent.Of(resources, from?.Content), from);
    }

    /// <summary>Compiles what was ordered and hashed already.</summary>
    public static CompileResult Compile(RevisionContent content, Compilation? from = null)
    {
        var (basis, ordered) = (from ?? Compilation.Empty, content.Resources);
        var (first, last) = Shared(basis.Content.Resources, ordered);
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var read = ImmutableArray.CreateBuilder<Resource>(ordered.Length);
        var (removed, added) = (new List<Resource>(), new List<Resource>());
        var texts = new SharedTexts();
        read.AddRange(basis.Read.AsSpan()[..first]);
        foreach (var (before, after) in Pairs(basis.Content.Resources[first..^last], ordered[first..^last]))
        {
            if (before is { } old && after is { } same && string.Equals(basis.Content.Resources[first + old].Hash, ordered[first + same].Hash, StringComparison.Ordinal))
            {
                read.Add(basis.Read[first + old]);
                continue;
            }

            if (before is { } gone)
            {
                removed.Add(basis.Read[first + gone]);
            }

            if (after is { } place)
            {
                // Its name is there already.
                texts.Share(ordered[first + place].Name);
                var result = ResourceReader.Read(ordered[first + place].Json, texts);
                errors.AddRange(result.Errors);
                if (result.Resource is { } resource)
                {
                    read.Add(resource);
                    added.Add(resource);
                }
            }
        }

        read.AddRange(basis.Read.AsSpan()[^last..]);
        if (errors.Count > 0)
        {
            return new CompileResult(null, errors.ToImmutable());
        }

        var all = read.ToImmutable();
        if (from is not null && removed.Concat(added).All(r => r is RouteResource)
            && RouteChanges.Apply(from, [.. removed.Cast<RouteResource>()], [.. added.Cast<RouteResource>()]) is { } shared)
        {
            return WithCanary(new Compilation(content, all, shared), shared.Canary?.Resource);
        }

        var (plan, wrong) = new PlanBuilder(all).Build();
        return plan is null ? new CompileResult(null, wrong) : WithCanary(new Compilation(content, all, plan), all.OfType<CanaryResource>().FirstOrDefault());
    }

    private static CompileResult WithCanary(Compilation compiled, CanaryResource? canary) => canary is null ? new CompileResult(compiled, []) : CanaryCompiler.Add(compiled, canary);

    /// <summary>The hash of a revision's resources, in any order: see <see cref="RevisionContent"/>.</summary>
    public static string Hash(ImmutableArray<ResourceBody> resources) => RevisionContent.Of(resources).Hash;

    /// <summary>The order in which a revision's resources stand: by kind, then name (ordinal).</summary>
    public static ImmutableArray<ResourceBody> Order(IEnumerable<ResourceBody> resources)
    {
        var all = resources is ImmutableArray<ResourceBody> array ? array : [.. resources];
        return IsOrdered(all.AsSpan()) ? all : all.Sort(Compare);
    }

    /// <summary>A resource of an ordered revision, or null.</summary>
    public static ResourceBody? Find(ImmutableArray<ResourceBody> ordered, ResourceKey key) => Search(ordered, key) is >= 0 and var place ? ordered[place] : null;

    /// <summary>What differs, in content or in owner, between two ordered revisions; ordered.</summary>
    public static ImmutableArray<ResourceChange> Diff(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after)
    {
        var (first, last) = Shared(before, after);
        var (old, next) = (before[first..^last], after[first..^last]);
        var changes = ImmutableArray.CreateBuilder<ResourceChange>();
        foreach (var (was, becomes) in Pairs(old, next))
        {
            if (becomes is not { } place)
            {
                changes.Add(new ResourceChange(ChangeType.Removed, old[was!.Value].Kind, old[was.Value].Name));
            }
            else if (was is { } from && !string.Equals(Owners.Of(old[from]), Owners.Of(next[place]), StringComparison.Ordinal))
            {
                changes.Add(new ResourceChange(ChangeType.Changed, next[place].Kind, next[place].Name, Owners.Of(old[from]), Owners.Of(next[place])));
            }
            else if (was is null || !string.Equals(old[was.Value].Hash, next[place].Hash, StringComparison.Ordinal))
            {
                changes.Add(new ResourceChange(was is null ? ChangeType.Added : ChangeType.Changed, next[place].Kind, next[place].Name));
            }
        }

        return changes.ToImmutable();
    }

    /// <summary>What makes an ordered revision of another; null where more than half of it differs, and the whole is as well sent.</summary>
    /// <param name="wanted">The revision that is wanted.</param>
    /// <param name="changes">What differs between the two, ordered.</param>
    public static RevisionDelta? Delta(ImmutableArray<ResourceBody> wanted, ImmutableArray<ResourceChange> changes) => changes.Length > wanted.Length / 2 ? null : new RevisionDelta(
        [.. changes.Where(c => c.Type is not ChangeType.Removed).Select(c => Find(wanted, new ResourceKey(c.Kind, c.Name))!)],
        [.. changes.Where(c => c.Type is ChangeType.Removed).Select(c => new ResourceKey(c.Kind, c.Name))]);

    /// <summary>A revision's resources with some put in and some taken out; ordered, as <paramref name="before"/> must be.</summary>
    public static ImmutableArray<ResourceBody> Apply(ImmutableArray<ResourceBody> before, IEnumerable<ResourceBody> put, IEnumerable<ResourceKey> removed)
    {
        var edits = new SortedDictionary<ResourceKey, ResourceBody?>(ByKindThenName);
        foreach (var key in removed)
        {
            edits[key] = null;
        }

        foreach (var body in put)
        {
            edits[new ResourceKey(body.Kind, body.Name)] = body;
        }

        var after = ImmutableArray.CreateBuilder<ResourceBody>(before.Length + edits.Count);
        var from = 0;
        foreach (var (key, body) in edits)
        {
            var place = Search(before, key);
            var (until, next) = place < 0 ? (~place, ~place) : (place, place + 1);
            after.AddRange(before.AsSpan()[from..until]);
            from = next;
            if (body is not null)
            {
                after.Add(body);
            }
        }

        after.AddRange(before.AsSpan()[from..]);
        return after.DrainToImmutable();
    }

    /// <summary>How many resources two revisions have in common, the very same ones, at their beginning and at their end.</summary>
    public static (int First, int Last) Shared(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after)
    {
        var a = before.AsSpan();
        var b = after.AsSpan();
        var most = Math.Min(a.Length, b.Length);
        var first = 0;
        while (first < most && ReferenceEquals(a[first], b[first]))
        {
            first++;
        }

        var last = 0;
        while (last < most - first && ReferenceEquals(a[^(last + 1)], b[^(last + 1)]))
        {
            last++;
        }

        return (first, last);
    }

    /// <summary>Goes along two ordered revisions: the places of what is in both together, of what is in one alone.</summary>
    public static IEnumerable<(int? Before, int? After)> Pairs(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after)
    {
        var (i, j) = (0, 0);
        while (i < before.Length || j < after.Length)
        {
            var order = i == before.Length ? 1
                : j == after.Length ? -1
                : ReferenceEquals(before[i], after[j]) ? 0
                : Compare(before[i], after[j]);
            yield return (order <= 0 ? i : null, order >= 0 ? j : null);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
    }

    // The place, or the complement of the place where it would be.
    private static int Search(ImmutableArray<ResourceBody> ordered, ResourceKey key)
    {
        var (low, high) = (0, ordered.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            switch (Compare(ordered[middle], key.Kind, key.Name))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ~low;
    }

    /// <summary>Whether resources stand in the order of a revision.</summary>
    internal static bool IsOrdered(ReadOnlySpan<ResourceBody> resources)
    {
        for (var i = 1; i < resources.Length; i++)
        {
            if (Compare(resources[i - 1], resources[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static int Compare(ResourceBody a, ResourceBody b) => Compare(a, b.Kind, b.Name);

    private static int Compare(ResourceBody a, string kind, string name) =>
        string.CompareOrdinal(a.Kind, kind) is not 0 and var byKind ? byKind : string.CompareOrdinal(a.Name, name);
}

/// <summary>A compiled revision, or all that is wrong.</summary>
public sealed record CompileResult(Compilation? Compilation, ImmutableArray<FieldError> Errors)
{
    /// <summary>What edges run; null where something is wrong.</summary>
    public Plan? Plan => Compilation?.Plan;
}
