using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Rollouts;

/// <summary>The weights in the body of a <c>Route</c> or <c>Model</c>: read, moved and written back, with all else as it is. Plain rules.</summary>
public static class SplitBody
{
    private const int MostWeight = 1_000_000;

    /// <summary>The kind of resource, as bundles write it.</summary>
    public static string KindName(SplitKind kind) => kind switch
    {
        SplitKind.Route => RouteResource.KindName,
        SplitKind.Model => ModelResource.KindName,
        _ => CanaryResource.KindName,
    };

    /// <summary>The weights in declared order; null: the resource is not there or is divided by no weights.</summary>
    public static ImmutableArray<SplitWeight>? Read(ResourceBody? body) => body is null ? null : ResourceReader.Read(body.Json).Resource switch
    {
        RouteResource route => [.. route.Split.Select(p => new SplitWeight(p.Upstream, p.Weight))],
        ModelResource { Strategy: TargetStrategy.Weighted } model => [.. model.Targets.Select(t => new SplitWeight($"{t.Provider}/{t.Model}", t.Weight))],
        CanaryResource canary => [new SplitWeight(CanaryParts.Stable, CanaryResource.Whole - canary.Share), new SplitWeight(CanaryParts.Canary, canary.Share)],
        _ => null,
    };

    /// <summary>The body with other weights.</summary>
    public static byte[] Write(ResourceBody body, SplitKind kind, ImmutableArray<SplitWeight> weights)
    {
        var resource = JsonNode.Parse(body.Json)!;
        if (kind is SplitKind.Canary)
        {
            resource["share"] = weights.Single(part => string.Equals(part.Part, CanaryParts.Canary, StringComparison.Ordinal)).Weight;
            return JsonSerializer.SerializeToUtf8Bytes(resource);
        }

        var parts = resource[kind is SplitKind.Route ? "split" : "targets"]!.AsArray();
        for (var i = 0; i < weights.Length; i++)
        {
            parts[i]!["weight"] = weights[i].Weight;
        }

        return JsonSerializer.SerializeToUtf8Bytes(resource);
    }

    /// <summary>All that keeps a rollout from moving these weights; empty: it can.</summary>
    public static ImmutableArray<FieldError> Check(RolloutSpec spec, ResourceBody? body)
    {
        var field = KindName(spec.Kind).ToLowerInvariant();
        if (body is null)
        {
            return [new FieldError(field, $"the active revision has no {KindName(spec.Kind)} '{spec.Resource}'")];
        }

        if (Owners.Of(body) is not Owners.Api and var owner)
        {
            return [new FieldError(field, $"{KindName(spec.Kind)} '{spec.Resource}' belongs to {owner}, whose next change would set its weights back: change them there, or take it over with apply first")];
        }

        if (Read(body) is not { } split)
        {
            return [new FieldError(field, $"Model '{spec.Resource}' is not divided by weights alone; a rollout needs strategy weighted")];
        }

        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var known = split.Select(p => p.Part).ToArray();
        foreach (var (name, part) in new[] { ("from", spec.From), ("to", spec.To) })
        {
            if (known.Count(k => string.Equals(k, part, StringComparison.Ordinal)) is var count and not 1)
            {
                errors.Add(new FieldError(name, count == 0
                    ? $"{KindName(spec.Kind)} '{spec.Resource}' has no part '{part}'{Names.Suggest(part, known)} Known: {string.Join(", ", known)}"
                    : $"{KindName(spec.Kind)} '{spec.Resource}' has more than one part '{part}'; give it one weight"));
            }
        }

        if (errors.Count == 0)
        {
            CheckShares(spec, split, errors);
        }

        return errors.ToImmutable();
    }

    /// <summary>The weights at a share; null: they would leave the bounds of weights.</summary>
    /// <param name="before">The weights that the rollout found.</param>
    /// <param name="spec">Names the two parts.</param>
    /// <param name="share">What the part that takes gets of the two, in ten-thousandths.</param>
    public static ImmutableArray<SplitWeight>? At(ImmutableArray<SplitWeight> before, RolloutSpec spec, int share)
    {
        var pair = Of(before, spec.From) + Of(before, spec.To);

        // Two parts become ten-thousandths. Beside others the pair keeps what it has, in units that can be divided so.
        var scale = before.Length == 2 ? 1 : RolloutStep.Whole / Divisor(pair, RolloutStep.Whole);
        var whole = before.Length == 2 ? RolloutStep.Whole : pair * scale;
        var taken = whole * share / RolloutStep.Whole;
        var moved = before.Select(p => (p.Part, Weight: string.Equals(p.Part, spec.To, StringComparison.Ordinal) ? taken : string.Equals(p.Part, spec.From, StringComparison.Ordinal) ? whole - taken : p.Weight * scale)).ToArray();
        return moved.All(p => p.Weight <= MostWeight) ? [.. moved.Select(p => new SplitWeight(p.Part, (int)p.Weight))] : null;
    }

    private static void CheckShares(RolloutSpec spec, ImmutableArray<SplitWeight> split, ImmutableArray<FieldError>.Builder errors)
    {
        var (from, to) = (Of(split, spec.From), Of(split, spec.To));
        if (from == 0)
        {
            errors.Add(new FieldError("from", $"'{spec.From}' has weight 0: there is nothing to move"));
        }
        else if (spec.Steps[0].Share * (from + to) <= to * RolloutStep.Whole)
        {
            errors.Add(new FieldError("steps[0].share", string.Create(
                CultureInfo.InvariantCulture, $"must be above what '{spec.To}' has already, {to * RolloutStep.Whole / (from + to)} of {RolloutStep.Whole}; is {spec.Steps[0].Share}")));
        }
        else if (At(split, spec, spec.Steps[0].Share) is null)
        {
            errors.Add(new FieldError("steps[0].share", "cannot be written in whole weights up to 1000000 beside the other parts: give the split rounder weights first"));
        }
    }

    private static long Of(ImmutableArray<SplitWeight> split, string part) => split.First(p => string.Equals(p.Part, part, StringComparison.Ordinal)).Weight;

    private static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);
}
