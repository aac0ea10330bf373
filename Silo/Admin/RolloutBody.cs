using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Revisions;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>What is sent to begin a rollout. All fields are described in docs/rollouts.md; the reader below is the one place that knows their bounds.</summary>
/// <param name="Name">Null: one is made of the resource's name and the time.</param>
/// <param name="Route">Exactly one of this, <paramref name="Model"/> and <paramref name="Canary"/>.</param>
/// <param name="From">Not given with <paramref name="Canary"/>, nor is <paramref name="To"/>.</param>
public sealed record RolloutBody(
    string? Name,
    string? Route,
    string? Model,
    string? From,
    string? To,
    IReadOnlyList<StepBody> Steps,
    GuardsBody? Guards = null,
    double? Alpha = null,
    long? MinimumRequests = null,
    string? Timeout = null,
    TimeoutAction? OnTimeout = null,
    string? Canary = null)
{
    private const int MostSteps = 50;
    private const double UsualAlpha = 0.05;
    private const long UsualMinimum = 100;

    private static readonly TimeSpan UsualTimeout = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Reads and checks a body; everything that is wrong comes back at once.</summary>
    /// <returns>The name as written, or null, and what is asked for; null where there are errors.</returns>
    internal static (string? Name, RolloutSpec? Spec, ImmutableArray<FieldError> Errors) Read(JsonElement json)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        if (json.ValueKind is not JsonValueKind.Object)
        {
            return (null, null, [new FieldError("body", "must be a JSON object")]);
        }

        var fields = new Fields(json, "body: ", errors);
        var name = fields.TextOrNull("name");
        if (name is not null && !Names.IsResource(name))
        {
            fields.Wrong("name", $"must be {Names.ResourceRule}; is '{name}'");
        }

        var (route, model, canary) = (fields.TextOrNull("route"), fields.TextOrNull("model"), fields.TextOrNull("canary"));
        if (new[] { route, model, canary }.Count(named => named is not null) != 1)
        {
            fields.Wrong("route", "name either a route or a model whose weights are to move, or a canary whose share is to rise");
        }

        var (from, to) = canary is null ? (fields.Text("from"), fields.Text("to")) : (CanaryParts.Stable, CanaryParts.Canary);
        if (from.Length > 0 && string.Equals(from, to, StringComparison.Ordinal))
        {
            fields.Wrong("to", "is the same as from; name another part of the split");
        }

        var steps = fields.Objects("steps", required: true, step => new RolloutStep((int)step.Number("share", 1, RolloutStep.Whole, fallback: null), step.Time("hold", TimeSpan.Zero, Longest, TimeSpan.Zero)));
        CheckSteps(fields, steps);
        var guards = ReadGuards(fields.Object("guards"), hasModels: route is null);
        var spec = new RolloutSpec(
            canary is not null ? SplitKind.Canary : model is null ? SplitKind.Route : SplitKind.Model,
            route ?? model ?? canary ?? "",
            from,
            to,
            steps,
            guards,
            fields.Decimal("alpha", 0.000001, 0.5) ?? UsualAlpha,
            fields.Number("minimumRequests", 0, 1_000_000_000, UsualMinimum),
            fields.Time("timeout", TimeSpan.FromSeconds(1), Longest, UsualTimeout),
            fields.OneOf<TimeoutAction>("onTimeout", TimeoutAction.Pause));
        fields.Close();
        return errors.Count > 0 ? (name, null, RequestBody.InBody(errors)) : (name, spec, []);
    }

    private static void CheckSteps(Fields fields, ImmutableArray<RolloutStep> steps)
    {
        if (steps.Length > MostSteps)
        {
            fields.Wrong("steps", string.Create(CultureInfo.InvariantCulture, $"has {steps.Length} steps; at most {MostSteps} are taken"));
        }

        for (var i = 1; i < steps.Length; i++)
        {
            if (steps[i].Share <= steps[i - 1].Share)
            {
                fields.Wrong(
                    string.Create(CultureInfo.InvariantCulture, $"steps[{i}].share"),
                    string.Create(CultureInfo.InvariantCulture, $"must be above that of the step before, {steps[i - 1].Share}; is {steps[i].Share}"));
            }
        }
    }

    private static RolloutGuards ReadGuards(Fields? fields, bool hasModels)
    {
        if (fields is null)
        {
            return new RolloutGuards(null, null, null, null, null);
        }

        var errorRate = Worse(fields, "errorRate");
        LatencyGuard? latency = null;
        if (fields.Object("latency") is { } inner)
        {
            var (quantile, mean) = (inner.Decimal("quantile", 0.01, 0.999), inner.Has("mean"));
            if (mean && quantile is not null)
            {
                inner.Wrong("mean", "stands beside quantile; the guard compares one of the two");
            }

            if (mean && inner.Flag("mean") is false)
            {
                inner.Wrong("mean", "is false; leave it out and name a quantile");
            }

            if (!mean && quantile is null && !inner.Has("quantile"))
            {
                inner.Wrong("quantile", "is missing; name one such as 0.95, or mean: true");
            }

            latency = new LatencyGuard(quantile, Ratio(inner));
            inner.Close();
        }

        double? cost = null;
        if (fields.Object("cost") is { } money)
        {
            cost = Ratio(money);
            money.Close();
        }

        var guards = new RolloutGuards(errorRate, latency, cost, Worse(fields, "refusals"), Worse(fields, "missingUsage"));
        foreach (var ofModels in new[] { "cost", "missingUsage" })
        {
            if (!hasModels && fields.Has(ofModels))
            {
                fields.Wrong(ofModels, "has no effect on a route, whose answers tell no usage; leave it out");
            }
        }

        fields.Close();
        return guards;
    }

    private static double? Worse(Fields fields, string field)
    {
        if (fields.Object(field) is not { } inner)
        {
            return null;
        }

        var worse = inner.Decimal("worse", 0, 1, required: true);
        inner.Close();
        return worse ?? 0;
    }

    private static double Ratio(Fields fields) => fields.Decimal("ratio", 1, 1_000, required: true) ?? 1;
}

/// <summary>One step.</summary>
/// <param name="Share">1 to 10,000 ten-thousandths.</param>
/// <param name="Hold">A time such as <c>10m</c>; nothing when not given.</param>
public sealed record StepBody(int Share, string? Hold = null);

/// <summary>What must not get worse.</summary>
public sealed record GuardsBody(WorseBody? ErrorRate = null, LatencyBody? Latency = null, RatioBody? Cost = null, WorseBody? Refusals = null, WorseBody? MissingUsage = null);

/// <summary>By how much a rate may be above the old one, 0 to 1.</summary>
public sealed record WorseBody(double Worse);

/// <summary>How many times as slow, by a quantile or by the mean.</summary>
public sealed record LatencyBody(double Ratio, double? Quantile = null, bool? Mean = null);

/// <summary>How many times as much, on average.</summary>
public sealed record RatioBody(double Ratio);
