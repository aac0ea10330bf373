using Sluice.Edge.Configuration;

namespace Sluice.Edge.Prompts;

/// <summary>Prompts that are published at a path of their own.</summary>
internal static class PublishedPrompts
{
    /// <summary>The name of the prompt at a path; null: none is. Who asks is not known yet, so what a canary publishes counts too: for others it does not exist.</summary>
    public static string? Find(EdgeRevision revision, string? path) =>
        revision.Plan.PublishedPrompts is { Count: > 0 } published && published.TryGetValue(path ?? "", out var name) ? name
        : revision.Canary is { } canary && canary.Plan.PublishedPrompts.TryGetValue(path ?? "", out var changed) ? changed
        : null;
}
