using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Compiles a whole revision: silos to check a candidate, edges to run it. The same code for both.</summary>
public static class RevisionCompiler
{
    /// <summary>The most resources that a revision may have.</summary>
    public const int MostResources = 20_000;

    private const int HashStep = 64 * 1024;

    /// <summary>Checks every reference and conflict between resources and builds what edges run.</summary>
    /// <param name="resources">The whole revision.</param>
    /// <param name="from">A compiled revision that it may have much in common with; the result is the same as without.</param>
    public static CompileResult Compile(ImmutableArray<ResourceBody> resources, Compilation? from = null)
    {
        if (resources.Length > MostResources)
        {
            return new CompileResult(null, [new FieldError("", string.Create(CultureInfo.InvariantCulture, $"a revision has at most {MostResources} resources, this one would have {resources.Length}"))]);
        }

        var ordered = Order(resources);
        var basis = from ?? Compilation.Empty;
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var read = ImmutableArray.CreateBuilder<Resource>(ordered.Length);
        var (removed, added) = (new List<Resource>(), new List<Resource>());
        foreach (var (before, after) in Pairs(basis.Resources, ordered))
        {
            if (before is { } old && after is { } same && string.Equals(basis.Resources[old].Hash, ordered[same].Hash, StringComparison.Ordinal))
            {
                read.Add(basis.Read[old]);
                continue;
            }

            if (before is { } gone)
            {
                removed.Add(basis.Read[gone]);
            }

            if (after is { } place)
            {
                var result = ResourceReader.Read(ordered[place].Json);
                errors.AddRange(result.Errors);
                if (result.Resource is { } resource)
                {
                    read.Add(resource);
                    added.Add(resource);
                }
            }
        }

        if (errors.Count > 0)
        {
            return new CompileResult(null, errors.ToImmutable());
        }

        var all = read.ToImmutable();
        if (from is not null && removed.Concat(added).All(r => r is RouteResource)
            && RouteChanges.Apply(from, [.. removed.Cast<RouteResource>()], [.. added.Cast<RouteResource>()]) is var (shared, claims))
        {
            return new CompileResult(new Compilation(ordered, all, claims, shared), []);
        }

        var builder = new PlanBuilder(all);
        var (plan, wrong) = builder.Build();
        return plan is null ? new CompileResult(null, wrong) : new CompileResult(new Compilation(ordered, all, builder.Claims, plan), []);
    }

    /// <summary>SHA-256 in lower-case hex over the lines <c>kind/name hash\n</c>, ordered by kind, then name (ordinal).</summary>
    public static string Hash(ImmutableArray<ResourceBody> resources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lines = new ArrayBufferWriter<byte>(HashStep * 2);
        foreach (var body in Order(resources))
        {
            Encoding.UTF8.GetBytes(body.Kind, lines);
            lines.Write("/"u8);
            Encoding.UTF8.GetBytes(body.Name, lines);
            lines.Write(" "u8);
            Encoding.UTF8.GetBytes(body.Hash, lines);
            lines.Write("\n"u8);
            if (lines.WrittenCount >= HashStep)
            {
                hash.AppendData(lines.WrittenSpan);
                lines.ResetWrittenCount();
            }
        }

        hash.AppendData(lines.WrittenSpan);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The order in which a revision's resources stand: by kind, then name (ordinal).</summary>
    public static ImmutableArray<ResourceBody> Order(IEnumerable<ResourceBody> resources)
    {
        var all = resources is ImmutableArray<ResourceBody> array ? array : [.. resources];
        for (var i = 1; i < all.Length; i++)
        {
            if (Compare(all[i - 1], all[i]) > 0)
            {
                return all.Sort(Compare);
            }
        }

        return all;
    }

    /// <summary>A resource of an ordered revision, or null.</summary>
    public static ResourceBody? Find(ImmutableArray<ResourceBody> ordered, ResourceKey key)
    {
        var (low, high) = (0, ordered.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            switch (Compare(ordered[middle], key.Kind, key.Name))
            {
                case 0:
                    return ordered[middle];
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }

    /// <summary>What differs, in content or in owner, ordered by kind, then name.</summary>
    public static ImmutableArray<ResourceChange> Diff(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after)
    {
        var (old, next) = (Order(before), Order(after));
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
        var gone = removed.ToHashSet();
        var added = Order(put);
        var after = ImmutableArray.CreateBuilder<ResourceBody>(before.Length + added.Length);
        foreach (var (was, becomes) in Pairs(before, added))
        {
            if (becomes is { } place)
            {
                after.Add(added[place]);
            }
            else if (gone.Count == 0 || !gone.Contains(new ResourceKey(before[was!.Value].Kind, before[was.Value].Name)))
            {
                after.Add(before[was!.Value]);
            }
        }

        return after.DrainToImmutable();
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
