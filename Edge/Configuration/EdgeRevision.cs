using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Edge.Metrics;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Configuration;

/// <summary>A revision as this edge runs it. A request takes it once, at admission, and keeps it to its end.</summary>
/// <param name="Head">Term, number and hash.</param>
/// <param name="Compilation">What was compiled, and from what.</param>
/// <param name="Credentials">The credentials of each provider by its name, opened; never logged.</param>
/// <param name="Secrets">The secrets that its providers need, in clear; never logged.</param>
/// <param name="Label">The value of the <c>sluice-revision</c> header: <c>default@42</c>.</param>
public sealed record EdgeRevision(
    Head Head, Compilation Compilation, FrozenDictionary<string, ProviderCredentials> Credentials, ImmutableDictionary<string, OpenedSecret> Secrets, string Label)
{
    /// <summary>By which those who keep what they worked out for a revision know it again without holding it.</summary>
    public object Mark { get; } = new();

    /// <summary>The requests that run under it, whatever the term of its head.</summary>
    public RevisionRequests Requests { get; } = new(Head.Revision);

    /// <summary>What requests run.</summary>
    public Plan Plan => Compilation.Plan;

    /// <summary>One with nothing in it.</summary>
    public static EdgeRevision Empty(Head head, string label) =>
        new(head, Compilation.Empty, FrozenDictionary<string, ProviderCredentials>.Empty, ImmutableDictionary<string, OpenedSecret>.Empty, label);

    public override string ToString() => Label;
}

/// <summary>A provider's credentials in clear, for memory only. Its text form is masked.</summary>
/// <param name="values">The values in declared order; empty where the provider asks for none.</param>
/// <param name="weights">Of each.</param>
public sealed class ProviderCredentials(string[] values, int[] weights)
{
    /// <summary>The values in declared order; empty where the provider asks for none.</summary>
    public ReadOnlySpan<string> Values => values;

    /// <summary>The weight of each.</summary>
    public ReadOnlySpan<int> Weights => weights;

    public override string ToString() => "***";
}
