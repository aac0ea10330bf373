using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Edge.Metrics;
using Sluice.Edge.Tls;
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

    /// <summary>By which TLS handshakes are answered.</summary>
    public ServerCertificates Certificates { get; init; } = ServerCertificates.None;

    /// <summary>TLS towards the upstreams that declare it, by their names.</summary>
    public FrozenDictionary<string, ClientTls> UpstreamTls { get; init; } = ClientTlsTable.None;

    /// <summary>What requests run.</summary>
    public Plan Plan => Compilation.Plan;

    /// <summary>The revision as those are served by it for whom its canary is; null: it has none, or this is that side. Set once, before anybody else knows the revision.</summary>
    public EdgeRevision? Canary { get; private set; }

    /// <summary>Of the side under the canary's change: the side without it.</summary>
    public EdgeRevision? Stable { get; private init; }

    /// <summary>The name of its canary, on both sides; null: there is none.</summary>
    public string? CanaryName => (Stable ?? this).Plan.Canary?.Resource.Name;

    /// <summary>Itself and, where there is a canary, the other side: all that requests may run under this head.</summary>
    public ImmutableArray<EdgeRevision> Sides => (Canary, Stable) switch
    {
        ({ } canary, _) => [this, canary],
        (_, { } stable) => [stable, this],
        _ => [this],
    };

    /// <summary>Adds the side under its canary's change.</summary>
    /// <param name="compilation">What it was compiled to.</param>
    /// <param name="credentials">Of its providers, opened.</param>
    /// <param name="tls">Towards its upstreams.</param>
    public EdgeRevision WithCanary(Compilation compilation, FrozenDictionary<string, ProviderCredentials> credentials, FrozenDictionary<string, ClientTls> tls)
    {
        Canary = new EdgeRevision(Head, compilation, credentials, Secrets, Label) { Stable = this, Certificates = Certificates, UpstreamTls = tls };
        return this;
    }

    /// <summary>One with nothing in it.</summary>
    public static EdgeRevision Empty(Head head, string label) =>
        new(head, Compilation.Empty, FrozenDictionary<string, ProviderCredentials>.Empty, ImmutableDictionary<string, OpenedSecret>.Empty, label);

    public override string ToString() => Label;
}

/// <summary>A provider's credentials in clear, for memory only. Its text form is masked.</summary>
/// <param name="values">The values in declared order; empty where the provider asks for none.</param>
/// <param name="weights">Of each.</param>
/// <param name="uses">How often each is used, where it is a secret; null: nobody counts.</param>
public sealed class ProviderCredentials(string[] values, int[] weights, SecretUse?[]? uses = null)
{
    /// <summary>The values in declared order; empty where the provider asks for none.</summary>
    public ReadOnlySpan<string> Values => values;

    /// <summary>The weight of each.</summary>
    public ReadOnlySpan<int> Weights => weights;

    /// <summary>How often those of them are used that are secrets.</summary>
    public IEnumerable<SecretUse> Uses => uses?.OfType<SecretUse>() ?? [];

    /// <summary>The value at an index, for a request that is shown it: counted.</summary>
    public string Use(int index)
    {
        uses?[index]?.Count();
        return values[index];
    }

    public override string ToString() => "***";
}
