using System.Collections.Immutable;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>How a model's targets share requests, as far as a request and the revision decide it. What edges see of targets (times, rates, failures) is no part of it.</summary>
public static class TargetOdds
{
    /// <summary>The share of each target in declared order, from 0 to 1. Where the strategy chooses by what edges see, as many each.</summary>
    /// <param name="model">The model.</param>
    /// <param name="takes">Which targets can be asked at all.</param>
    /// <param name="costOf">The most that the request can cost with a target, where that is known; null as a whole: nothing is known of it. What has no price is the dearest.</param>
    /// <param name="stickyValue">What keeps the caller on one target; null: chance decides.</param>
    public static ImmutableArray<double> Of(CompiledModel model, Func<CompiledTarget, bool> takes, Func<CompiledTarget, long?>? costOf, string? stickyValue)
    {
        var strategy = model.Resource.Strategy;
        var decided = strategy is TargetStrategy.Sticky && stickyValue is not null ? Least(target => target.DistanceOf(stickyValue))
            : strategy is TargetStrategy.Cheapest && costOf is not null ? Least(target => costOf(target) ?? long.MaxValue)
            : null;
        if (decided is not null)
        {
            return [.. model.Targets.Select(target => ReferenceEquals(target, decided) ? 1.0 : 0.0)];
        }

        var choices = model.Choices.Where(choice => takes(choice.Target)).ToList();
        return [.. model.Targets.Select(target => choices.Find(choice => ReferenceEquals(choice.Target, target)).Share)];

        // Of two that are alike the first one, as edges have it.
        CompiledTarget? Least(Func<CompiledTarget, double> score) => model.Targets.Where(takes).Where(target => double.IsFinite(score(target))).MinBy(score);
    }

    /// <summary>The header whose value keeps a caller on one target; null: none does.</summary>
    public static string? StickyHeaderOf(CompiledModel model) => model.Resource.Sticky is { By: TargetStickyBy.Header } sticky ? sticky.Name : null;

    /// <summary>What keeps a caller on one target; null: chance decides.</summary>
    /// <param name="model">The model.</param>
    /// <param name="user">The key's user, or null.</param>
    /// <param name="keyId">The key, or null.</param>
    /// <param name="header">The request's value of <see cref="StickyHeaderOf"/>, or null.</param>
    public static string? StickyValueOf(CompiledModel model, string? user, string? keyId, string? header)
    {
        var value = model.Resource.Sticky switch
        {
            { By: TargetStickyBy.Header } => header,
            { By: TargetStickyBy.User } => user ?? keyId,
            { By: TargetStickyBy.Key } => keyId,
            _ => null,
        };
        return string.IsNullOrEmpty(value) ? null : value;
    }
}
