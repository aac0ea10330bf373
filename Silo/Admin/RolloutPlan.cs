using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>What a rollout would do if it began now.</summary>
/// <param name="Now">The weights as they are.</param>
/// <param name="Steps">The weights of each step.</param>
/// <param name="First">How the first step would change the resource.</param>
public sealed record RolloutPlan(IReadOnlyList<SplitWeight> Now, IReadOnlyList<PlannedStep> Steps, ChangeAnswer First)
{
    /// <summary>The plan of a rollout that <see cref="SplitBody.Check"/> found nothing wrong with.</summary>
    internal static RolloutPlan Of(RolloutSpec spec, ResourceBody body)
    {
        var now = SplitBody.Read(body)!.Value;
        var steps = spec.Steps.Select(step => new PlannedStep(step.Share, Durations.Format(step.Hold), SplitBody.At(now, spec, step.Share) ?? [])).ToImmutableArray();
        var after = SplitBody.Write(body, spec.Kind, [.. steps[0].Weights]);
        return new RolloutPlan(now, steps, new ChangeAnswer(
            ChangeType.Changed, SplitBody.KindName(spec.Kind), spec.Resource, JsonSerializer.Deserialize<JsonElement>(body.Json), JsonSerializer.Deserialize<JsonElement>(after)));
    }
}

/// <summary>A step of a plan.</summary>
/// <param name="Share">What the part that takes has of the two, in ten-thousandths.</param>
/// <param name="Hold">How long it is held at least.</param>
/// <param name="Weights">Of all parts.</param>
public sealed record PlannedStep(int Share, string Hold, IReadOnlyList<SplitWeight> Weights);
