using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>A revision's canary: whom it is for, and what they are served by.</summary>
/// <param name="resource">As declared.</param>
/// <param name="compilation">The revision as it would be with the change.</param>
public sealed class CompiledCanary(CanaryResource resource, Compilation compilation)
{
    private readonly long _seed = StableChance.Seed(resource.Name);

    /// <summary>As declared.</summary>
    public CanaryResource Resource => resource;

    /// <summary>The revision as it would be with the change.</summary>
    public Compilation Compilation => compilation;

    /// <summary>Whether a request is served under the change. Who is, still is when the share rises, on every edge.</summary>
    /// <param name="tenant">Null, as are the others: without a key.</param>
    /// <param name="user">Empty: the key stands for no user.</param>
    public bool Takes(string? tenant, string? keyId, string? user)
    {
        if (resource.Share == CanaryResource.Whole)
        {
            return true;
        }

        var subject = resource.By switch
        {
            CohortBy.Tenant => tenant,
            CohortBy.User when !string.IsNullOrEmpty(user) => user,
            _ => keyId,
        };
        return subject is not null && StableChance.Of(subject, _seed) * CanaryResource.Whole < resource.Share;
    }
}
