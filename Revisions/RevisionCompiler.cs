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

    /// <summary>Checks every reference and conflict between resources and builds what edges run.</summary>
    public static CompileResult Compile(ImmutableArray<ResourceBody> resources)
    {
        if (resources.Length > MostResources)
        {
            return new CompileResult(null, [new FieldError("", string.Create(CultureInfo.InvariantCulture, $"a revision has at most {MostResources} resources, this one would have {resources.Length}"))]);
        }

        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var read = new List<Resource>(resources.Length);
        foreach (var body in resources)
        {
            var result = ResourceReader.Read(body.Json);
            errors.AddRange(result.Errors);
            if (result.Resource is { } resource)
            {
                read.Add(resource);
            }
        }

        return errors.Count > 0 ? new CompileResult(null, errors.ToImmutable()) : new PlanBuilder(read).Build();
    }

    /// <summary>SHA-256 in lower-case hex over the lines <c>kind/name hash\n</c>, ordered by kind, then name (ordinal).</summary>
    public static string Hash(ImmutableArray<ResourceBody> resources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var body in Order(resources))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{body.Kind}/{body.Name} {body.Hash}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The order in which a revision's resources stand: by kind, then name (ordinal).</summary>
    public static ImmutableArray<ResourceBody> Order(IEnumerable<ResourceBody> resources) =>
        [.. resources.OrderBy(r => r.Kind, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>What differs, ordered by kind, then name.</summary>
    public static ImmutableArray<ResourceChange> Diff(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after)
    {
        var old = before.ToDictionary(r => new ResourceKey(r.Kind, r.Name));
        var changes = new List<ResourceChange>();
        foreach (var body in after)
        {
            if (!old.Remove(new ResourceKey(body.Kind, body.Name), out var was))
            {
                changes.Add(new ResourceChange(ChangeType.Added, body.Kind, body.Name));
            }
            else if (!string.Equals(was.Hash, body.Hash, StringComparison.Ordinal))
            {
                changes.Add(new ResourceChange(ChangeType.Changed, body.Kind, body.Name));
            }
        }

        changes.AddRange(old.Keys.Select(gone => new ResourceChange(ChangeType.Removed, gone.Kind, gone.Name)));
        return [.. changes.OrderBy(c => c.Kind, StringComparer.Ordinal).ThenBy(c => c.Name, StringComparer.Ordinal)];
    }
}

/// <summary>A compiled plan, or all that is wrong.</summary>
public sealed record CompileResult(Plan? Plan, ImmutableArray<FieldError> Errors);
