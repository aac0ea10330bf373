using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Settings;

/// <summary>What shares of flags are counted in.</summary>
public static class FlagShares
{
    /// <summary>All subjects.</summary>
    public const int All = 10_000;

    /// <summary>The most characters of a subject.</summary>
    public const int LongestSubject = 256;
}

/// <summary>What a flag says to one subject.</summary>
/// <param name="Value">A text, a number, true or false.</param>
/// <param name="Reason">Which kind of rule decided.</param>
public sealed record FlagResult(JsonElement Value, FlagReason Reason);

/// <summary>Why a flag says what it says: no rule held, one that names the subject, or one that takes a share.</summary>
public enum FlagReason
{
    Default,
    Subjects,
    Share,
}

/// <summary>A flag ready to be asked.</summary>
public sealed class CompiledFlag
{
    private readonly ImmutableArray<Rule> _rules;
    private readonly FlagResult _default;
    private readonly long _seed;

    public CompiledFlag(FlagResource resource)
    {
        Resource = resource;
        _default = new FlagResult(resource.Default, FlagReason.Default);
        _seed = StableChance.Seed(resource.Name);
        var rules = ImmutableArray.CreateBuilder<Rule>(resource.Rules.Length);
        var from = 0;
        foreach (var rule in resource.Rules)
        {
            var share = rule.Share ?? 0;
            rules.Add(new Rule(
                rule.Subjects.ToFrozenSet(StringComparer.Ordinal), from, from + share, new FlagResult(rule.Value, rule.Share is null ? FlagReason.Subjects : FlagReason.Share)));
            from += share;
        }

        _rules = rules.MoveToImmutable();
    }

    /// <summary>As declared.</summary>
    public FlagResource Resource { get; }

    /// <summary>
    /// The value for a subject; null: for nobody in particular, whom no rule takes. A subject's place among the shares is the same on every machine and under every
    /// revision: a share that grows at its end keeps whom it had.
    /// </summary>
    public FlagResult For(string? subject)
    {
        if (subject is null)
        {
            return _default;
        }

        var place = (int)(StableChance.Of(subject, _seed) * FlagShares.All);
        foreach (var rule in _rules)
        {
            if ((place >= rule.From && place < rule.To) || rule.Subjects.Contains(subject))
            {
                return rule.Result;
            }
        }

        return _default;
    }

    private readonly record struct Rule(FrozenSet<string> Subjects, int From, int To, FlagResult Result);
}
