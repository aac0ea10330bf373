using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>A name that clients use, and who answers for it.</summary>
/// <param name="Strategy">How a target is chosen.</param>
/// <param name="Targets">At least one.</param>
/// <param name="MaxOutputTokens">The most tokens an answer may have when a budget must bound it and the caller set none; default 4,096.</param>
/// <param name="ContextTokens">The most tokens that the input of a request can have with any of the targets; null: not declared, so it bounds nothing.</param>
/// <param name="Pricing">Whence it has its price.</param>
/// <param name="Tokenizer">The vocabulary by which its input is counted exactly; null: known by the name of its target, or none.</param>
public sealed record ModelResource(
    string Name, TargetStrategy Strategy, ImmutableArray<ModelTarget> Targets, int MaxOutputTokens, int? ContextTokens, ModelPricing Pricing, Vocabulary? Tokenizer) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Model";

    public override string Kind => KindName;

    /// <summary>Where in its life it is.</summary>
    public Lifecycle Lifecycle { get; init; } = Lifecycle.Published;

    /// <summary>What keeps a caller on one target; only with strategy <c>sticky</c>, and there never null.</summary>
    public TargetSticky? Sticky { get; init; }

    /// <summary>The <c>Cache</c> that keeps its answers; null: none does.</summary>
    public string? Cache { get; init; }

    /// <summary>The most attempts for one request, 1 to 10; default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>After which time without its first event a streamed answer is asked of a second target too; null: never.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>After which time without its first byte a whole answer is asked of a second target too; null: never.</summary>
    public TimeSpan? HedgeWholeAfter { get; init; }

    /// <summary>Bounds of each wait for its answers.</summary>
    public ModelTimeouts Timeouts { get; init; } = ModelTimeouts.Defaults;

    /// <summary>Which bodies of its calls are kept in the call log; null: none.</summary>
    public BodyLogging? LogBodies { get; init; }
}

/// <summary>How a target is chosen.</summary>
public enum TargetStrategy
{
    /// <summary>By chance, each with its weight; the default.</summary>
    Weighted,

    /// <summary>The lowest number, while it is well.</summary>
    Priority,

    /// <summary>By a hash of the caller: the same target for the same caller, on every edge.</summary>
    Sticky,

    /// <summary>The one whose answers begin soonest.</summary>
    LeastLatency,

    /// <summary>The one for which the request costs least.</summary>
    Cheapest,

    /// <summary>The one that has most left of the rates that its provider tells.</summary>
    LeastUsed,
}

/// <summary>One provider's model behind a name.</summary>
/// <param name="Weight">0 to 1,000,000, not all 0; default 1. Only with strategies <c>weighted</c> and <c>sticky</c>.</param>
/// <param name="Priority">Default 1; lowest first. Only with strategy <c>priority</c>.</param>
public sealed record ModelTarget(string Provider, string Model, int Weight, int Priority)
{
    /// <summary>What it can do; all where nothing is declared.</summary>
    public ModelFeatures Supports { get; init; } = ModelFeatures.All;

    /// <summary>Its context length in tokens; null: not known, every request fits.</summary>
    public int? ContextTokens { get; init; }
}

/// <summary>What a request may ask of a model besides text.</summary>
[Flags]
public enum ModelFeatures
{
    /// <summary>Text alone.</summary>
    None = 0,

    /// <summary>Calls of functions.</summary>
    Tools = 1,

    /// <summary>Images in the input.</summary>
    Vision = 2,

    /// <summary>An answer that keeps to a JSON schema.</summary>
    JsonSchema = 4,

    /// <summary>All of these.</summary>
    All = Tools | Vision | JsonSchema,
}

/// <summary>What is hashed to keep a caller on one target.</summary>
/// <param name="By">What it is.</param>
/// <param name="Name">Of the header; else null.</param>
public sealed record TargetSticky(TargetStickyBy By, string? Name);

/// <summary>What keeps a caller on one target: <c>key</c>, <c>user</c> (the key's user, else the key), or <c>header</c>.</summary>
public enum TargetStickyBy
{
    Key,
    User,
    Header,
}

/// <summary>Bounds of the waits for a model's answers.</summary>
/// <param name="FirstToken">Until a stream's first event, or a whole answer's first byte; null: not declared.</param>
/// <param name="BetweenTokens">Between two reads of an answer; null: the provider's <c>idle</c>.</param>
/// <param name="Whole">Of all attempts together, to the answer's last byte.</param>
public sealed record ModelTimeouts(TimeSpan? FirstToken, TimeSpan? BetweenTokens, TimeSpan Whole)
{
    /// <summary>Where a model declares none.</summary>
    public static ModelTimeouts Defaults { get; } = new(null, null, TimeSpan.FromMinutes(15));
}
