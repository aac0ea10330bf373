using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>What a workspace chose for itself, read out of resources that are not compiled.</summary>
public static class WorkspaceChoices
{
    /// <summary>Whether these resources make their workspace a strict one.</summary>
    public static bool AreStrict(ImmutableArray<ResourceBody> resources) => resources.Any(body => body.Kind is WorkspaceResource.KindName && IsStrict(body));

    /// <summary>Whether a resource of kind <c>Workspace</c> makes it a strict one; null: nothing is declared.</summary>
    public static bool IsStrict(ResourceBody? workspace) => workspace is not null && ResourceReader.Read(workspace.Json).Resource is WorkspaceResource { Strict: true };
}
