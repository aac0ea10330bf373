using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>A model with its targets resolved.</summary>
public sealed class CompiledModel
{
    private readonly ImmutableArray<CompiledTarget> _choices;
    private readonly Shares _shares;

    public CompiledModel(ModelResource resource, ImmutableArray<CompiledTarget> targets)
    {
        Resource = resource;
        Targets = targets;
        _choices = resource.Strategy is TargetStrategy.Priority ? [.. targets.Where(t => t.Target.Priority == targets.Min(o => o.Target.Priority))] : targets;
        _shares = new Shares(_choices.Select(t => t.Target.Weight));
        LogBodies = resource.LogBodies is { } logging ? new CompiledBodyLogging(logging) : null;
        Declares = targets.Any(t => t.Target.Supports is not ModelFeatures.All || t.Target.ContextTokens is not null);
    }

    /// <summary>As declared.</summary>
    public ModelResource Resource { get; }

    /// <summary>To whom and for how long it is offered; null: to everybody, without more.</summary>
    public Offer? Offer { get; init; }

    /// <summary>What keeps its answers; null: nothing does.</summary>
    public CacheResource? Cache { get; init; }

    /// <summary>Which bodies of its calls are kept; null: none.</summary>
    public CompiledBodyLogging? LogBodies { get; }

    /// <summary>In declared order.</summary>
    public ImmutableArray<CompiledTarget> Targets { get; }

    /// <summary>Whether a target says what it can do, so that a request may fit some and not others.</summary>
    public bool Declares { get; }

    /// <summary>
    /// The targets that the strategy chooses from while all are well, each with its share of the requests, from 0 to 1: of those that are chosen by what an edge has seen,
    /// or by what the request costs, as many each.
    /// </summary>
    public IEnumerable<(CompiledTarget Target, double Share)> Choices => _choices.Zip(_shares.Each);

    /// <summary>A target by the strategy, while all are well and as far as chance decides it; <paramref name="chance"/> from 0 to below 1.</summary>
    public CompiledTarget Choose(double chance) => _choices.Length == 1 ? _choices[0] : _choices[_shares.At(chance)];
}

/// <summary>A target with its provider.</summary>
/// <param name="ModelUtf8Json">The provider's model name as a JSON string with its quotes, ready to be spliced into a body.</param>
/// <param name="Label">For records and usage: <c>provider/model</c>.</param>
/// <param name="Prices">Null: no money is counted.</param>
/// <param name="Vocabulary">By which its text can be counted exactly.</param>
/// <param name="Images">What images cost it; null: not known.</param>
public sealed record CompiledTarget(
    ModelTarget Target, ProviderResource Provider, ReadOnlyMemory<byte> ModelUtf8Json, string Label, PriceSchedule? Prices, Vocabulary Vocabulary, ImageRule? Images)
{
    private readonly long _seed = StableChance.Seed(Label);

    /// <summary>From 0 to below 1: the same for the same target and value, on every edge and under every revision.</summary>
    public double ChanceOf(ReadOnlySpan<char> stickyValue) => StableChance.Of(stickyValue, _seed);

    /// <summary>How far from a caller it is: the nearest target is the caller's (weighted rendezvous hashing), so that one that goes or comes moves only its own callers. Infinite without a weight.</summary>
    public double DistanceOf(ReadOnlySpan<char> stickyValue) =>
        Target.Weight == 0 ? double.PositiveInfinity : -Math.Log(Math.Max(ChanceOf(stickyValue), double.Epsilon)) / Target.Weight;

    /// <summary>The most that a request can cost with it, mark-up and all, in 10⁻⁹ of a US dollar; null: it has no price.</summary>
    /// <param name="at">When it comes.</param>
    /// <param name="tenant">Whom it is for.</param>
    /// <param name="input">The most input tokens.</param>
    /// <param name="output">The most output tokens.</param>
    /// <param name="kinds">What tokens it can have besides text.</param>
    /// <param name="units">The most that it can have besides tokens.</param>
    public long? WorstCost(DateTimeOffset at, string? tenant, long input, long output, TokenKinds kinds, UnitCounts? units = null) =>
        Prices is null ? null : Costs.Worst(Prices.At(at), input, output, kinds, Prices.MarkUpOf(tenant), units);
}
