using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>A kind of resource.</summary>
/// <param name="Name">As written in bundles.</param>
/// <param name="Plural">As written in the admin API's paths.</param>
/// <param name="IsName">Whether a resource of this kind may be called so.</param>
/// <param name="Read">Reads the fields of one; null after it noted errors.</param>
public sealed record KindEntry(string Name, string Plural, Func<string, bool> IsName, Func<string, Fields, Resource> Read);

/// <summary>The one list of kinds: to add a kind, add its record, its reader and its line here.</summary>
public static class Kinds
{
    /// <summary>All kinds, in the order in which people read them.</summary>
    public static ImmutableArray<KindEntry> All { get; } =
    [
        new(RouteResource.KindName, "routes", Names.IsResource, RouteReader.Read),
        new(UpstreamResource.KindName, "upstreams", Names.IsResource, UpstreamReader.Read),
        new(ModelResource.KindName, "models", Names.IsModel, ModelReader.Read),
        new(PromptResource.KindName, "prompts", Names.IsResource, PromptReader.Read),
        new(ProviderResource.KindName, "providers", Names.IsResource, ProviderReader.Read),
        new(ProductResource.KindName, "products", Names.IsResource, ProductReader.Read),
        new(IssuerResource.KindName, "issuers", Names.IsResource, IssuerReader.Read),
        new(BudgetResource.KindName, "budgets", Names.IsResource, BudgetReader.Read),
        new(LimitResource.KindName, "limits", Names.IsResource, LimitReader.Read),
        new(PriceResource.KindName, "prices", Names.IsResource, PriceReader.Read),
        new(CanaryResource.KindName, "canaries", Names.IsResource, CanaryReader.Read),
        new(WebhookResource.KindName, "webhooks", Names.IsResource, WebhookReader.Read),
        new(AlertResource.KindName, "alerts", Names.IsResource, AlertReader.Read),
        new(CacheResource.KindName, "caches", Names.IsResource, CacheReader.Read),
        new(CertificateResource.KindName, "certificates", Names.IsResource, CertificateReader.Read),
        new(CertificateAuthorityResource.KindName, "certificate-authorities", Names.IsResource, CertificateAuthorityReader.Read),
        new(SecretResource.KindName, "secrets", Names.IsResource, SecretReader.Read),
        new(SettingResource.KindName, "settings", Names.IsResource, SettingReader.Read),
        new(FlagResource.KindName, "flags", Names.IsResource, FlagReader.Read),
        new(WorkspaceResource.KindName, "workspaces", Names.IsResource, WorkspaceReader.Read),
    ];

    private static readonly FrozenDictionary<string, KindEntry> ByName = All.ToFrozenDictionary(k => k.Name, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, KindEntry> ByPlural = All.ToFrozenDictionary(k => k.Plural, StringComparer.Ordinal);

    /// <summary>By <c>Route</c>; null where there is no such kind.</summary>
    public static KindEntry? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>By <c>routes</c>; null where there is no such kind.</summary>
    public static KindEntry? FindPlural(string plural) => ByPlural.GetValueOrDefault(plural);
}
