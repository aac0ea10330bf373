using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>Where in its life a model or a route is. Described in docs/lifecycle.md.</summary>
/// <param name="Stage">Which part of its life.</param>
public sealed record Lifecycle(Stage Stage)
{
    /// <summary>Where nothing is declared.</summary>
    public static Lifecycle Published { get; } = new(Stage.Published);

    /// <summary>Tenants that are served a draft.</summary>
    public ImmutableArray<string> Preview { get; init; } = [];

    /// <summary>Since when it is deprecated, or from when on it will be; of a deprecated one never null.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>From when on it may not be served any more; null: nobody knows yet.</summary>
    public DateTimeOffset? Sunset { get; init; }

    /// <summary>A page about its deprecation, or null.</summary>
    public Uri? Link { get; init; }

    /// <summary>What takes its place: the name of a model, of a route a path or an address; or null.</summary>
    public string? Successor { get; init; }
}

/// <summary>The parts of a life, in order; <c>published</c> by default.</summary>
public enum Stage
{
    /// <summary>Not served but to those who are named.</summary>
    Draft,

    /// <summary>Served.</summary>
    Published,

    /// <summary>Served, and each answer says that it will not always be.</summary>
    Deprecated,

    /// <summary>Not served any more, and who asks is told so.</summary>
    Retired,
}
