using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Which bodies are kept, ready to run.</summary>
public sealed class CompiledBodyLogging
{
    private const double Percent = 100;
    private readonly FrozenSet<string> _tenants;

    public CompiledBodyLogging(BodyLogging declared)
    {
        Declared = declared;
        _tenants = declared.Tenants.ToFrozenSet(StringComparer.Ordinal);
        Fields = declared.Fields.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Patterns = [.. declared.Patterns.Select(Compile)];
    }

    /// <summary>As declared.</summary>
    public BodyLogging Declared { get; }

    /// <summary>Names of JSON fields whose values are not kept, whatever their case.</summary>
    public FrozenSet<string> Fields { get; }

    /// <summary>What is not kept; each takes time that grows with the text's length and no faster.</summary>
    public ImmutableArray<Regex> Patterns { get; }

    /// <summary>Whether a call's bodies are kept.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="chance">From 0 to below 1.</param>
    public bool Takes(string tenant, double chance) => (_tenants.Count == 0 || _tenants.Contains(tenant)) && chance * Percent < Declared.Sample;

    /// <summary>A pattern as it is run.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It cannot be run in linear time.</exception>
    internal static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
}
