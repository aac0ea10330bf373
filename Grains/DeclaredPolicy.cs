using Sluice.Revisions.Resources;

namespace Sluice.Grains;

/// <summary>The declaration behind a budget's or limit's grain, read anew when a caller runs a later revision than the one it was read at.</summary>
internal sealed class DeclaredPolicy<T>(DeclaredPolicies policies, string workspace, string kind, string name)
    where T : Resource
{
    /// <summary>The declaration, at least as of <paramref name="revision"/>; null where there is none.</summary>
    public async ValueTask<T?> AtLeastAsync(long revision) => await policies.AtLeastAsync(workspace, kind, name, revision) as T;

    /// <summary>The declaration of the active revision.</summary>
    public async Task<T?> NowAsync() => await policies.NowAsync(workspace, kind, name) as T;
}
