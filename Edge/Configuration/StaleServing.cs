using Sluice.Revisions.Resources;

namespace Sluice.Edge.Configuration;

/// <summary>Whether an edge that has no lease serves its last revision on. The workspace says so for all its edges, and the edge's own settings may say less. Plain rules.</summary>
public static class StaleServing
{
    /// <summary>Whether it does, having had no lease for so long.</summary>
    public static bool Allows(EdgeOptions edge, WorkspaceResource workspace, TimeSpan staleFor) =>
        edge.ServeStale && (edge.MaxStale is not { } most || staleFor < most)
        && workspace.WhenUnreachable is WithoutLease.Static && (workspace.MaxStale is not { } longest || staleFor < longest);
}
