using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Settings;

namespace Sluice.Revisions.Compiled;

/// <summary>A revision as edges run it: immutable, all lookups prepared.</summary>
public sealed record Plan
{
    /// <summary>A plan with nothing in it.</summary>
    public static Plan Empty { get; } = new();

    /// <summary>The routes.</summary>
    public RouteTable Routes { get; init; } = RouteTable.Empty;

    /// <summary>The routes that are drafts; null: there are none.</summary>
    public RouteTable? Drafts { get; init; }

    /// <summary>Whether it must be known whose a request is before its route is found.</summary>
    public bool AsksCaller => Routes.AsksCaller || Drafts is { AsksCaller: true };

    /// <summary>The products.</summary>
    public ProductTable Products { get; init; } = ProductTable.Empty;

    /// <summary>Models by name (ordinal); look up with <c>GetAlternateLookup</c> for spans.</summary>
    public FrozenDictionary<string, CompiledModel> Models { get; init; } = FrozenDictionary<string, CompiledModel>.Empty;

    /// <summary>Prompts by name (ordinal).</summary>
    public FrozenDictionary<string, CompiledPrompt> Prompts { get; init; } = FrozenDictionary<string, CompiledPrompt>.Empty;

    /// <summary>Names of prompts that are published at a path of their own, by it (ordinal).</summary>
    public FrozenDictionary<string, string> PublishedPrompts { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Upstreams by name.</summary>
    public FrozenDictionary<string, UpstreamResource> Upstreams { get; init; } = FrozenDictionary<string, UpstreamResource>.Empty;

    /// <summary>What keeps answers, by name.</summary>
    public FrozenDictionary<string, CacheResource> Caches { get; init; } = FrozenDictionary<string, CacheResource>.Empty;

    /// <summary>Providers by name.</summary>
    public FrozenDictionary<string, ProviderResource> Providers { get; init; } = FrozenDictionary<string, ProviderResource>.Empty;

    /// <summary>Issuers of tokens by what their tokens say in <c>iss</c> (ordinal).</summary>
    public FrozenDictionary<string, IssuerResource> Issuers { get; init; } = FrozenDictionary<string, IssuerResource>.Empty;

    /// <summary>Price tables by name.</summary>
    public FrozenDictionary<string, PriceTable> Prices { get; init; } = FrozenDictionary<string, PriceTable>.Empty;

    /// <summary>Limits and budgets by whom they bind.</summary>
    public PolicyTable Policies { get; init; } = PolicyTable.Empty;

    /// <summary>What services watch: settings and flags by application.</summary>
    public SettingsTable Settings { get; init; } = SettingsTable.Empty;

    /// <summary>What the workspace chose for itself.</summary>
    public WorkspaceResource Workspace { get; init; } = WorkspaceResource.Undeclared;

    /// <summary>A change that holds for a part of the subjects; null: none.</summary>
    public CompiledCanary? Canary { get; init; }

    /// <summary>The plan that a request is served by: this one, or what its canary makes of it.</summary>
    /// <param name="tenant">Null, as are the others: without a key.</param>
    public Plan For(string? tenant, string? keyId, string? user) => Canary is { } canary && canary.Takes(tenant, keyId, user) ? canary.Compilation.Plan : this;

    /// <summary>By which edges answer TLS handshakes; ordered by name.</summary>
    public ImmutableArray<CertificateResource> Certificates { get; init; } = [];

    /// <summary>Hosts whose certificates are obtained from an authority, without regard to case, each with the certificate's name; null: there are none.</summary>
    public FrozenDictionary<string, string>? ChallengedHosts { get; init; }

    /// <summary>Secrets that providers and certificates refer to: what an edge opens before it activates this plan.</summary>
    public ImmutableArray<string> SecretNames { get; init; } = [];
}
