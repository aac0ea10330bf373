using System.Collections.Frozen;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Configuration;

/// <summary>A revision as this edge runs it. A request takes it once, at admission, and keeps it to its end.</summary>
/// <param name="Head">Term, number and hash.</param>
/// <param name="Plan">What was compiled.</param>
/// <param name="Credentials">The credentials of each provider by its name, opened; never logged.</param>
/// <param name="Label">The value of the <c>sluice-revision</c> header: <c>default@42</c>.</param>
public sealed record EdgeRevision(Head Head, Plan Plan, FrozenDictionary<string, ProviderCredentials> Credentials, string Label)
{
    public override string ToString() => Label;
}

/// <summary>A provider's credentials in clear, for memory only. Its text form is masked.</summary>
public sealed class ProviderCredentials(string[] values)
{
    /// <summary>The values in declared order; empty where the provider asks for none.</summary>
    public ReadOnlySpan<string> Values => values;

    public override string ToString() => "***";
}
