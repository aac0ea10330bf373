using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Silo.Admin;

namespace Sluice.Silo.Console.Session;

/// <summary>A rollout as somebody fills it in: shares in percent, empty fields for what is left to the usual.</summary>
internal sealed class RolloutDraft
{
    /// <summary>The kinds whose weights can move, as the API's paths name them.</summary>
    public static readonly string[] Kinds = ["routes", "models", "canaries"];

    /// <summary>How the guard of latencies compares.</summary>
    public static readonly string[] Quantiles = ["0.5", "0.9", "0.95", "0.99", Mean];

    private const string Mean = "mean";

    /// <summary>Empty: one is made of the resource's name and the time.</summary>
    public string Name { get; set; } = "";

    /// <summary>Of <see cref="Kinds"/>.</summary>
    public string Kind { get; set; } = Kinds[0];

    /// <summary>The name of what is divided.</summary>
    public string Resource { get; set; } = "";

    /// <summary>The part that gives.</summary>
    public string From { get; set; } = "";

    /// <summary>The part that takes.</summary>
    public string To { get; set; } = "";

    /// <summary>In order.</summary>
    public List<DraftStep> Steps { get; } = [new() { Percent = "10", Hold = "10m" }, new() { Percent = "50", Hold = "10m" }, new() { Percent = "100" }];

    /// <summary>By how many percentage points more may fail; empty: no guard. So are the next.</summary>
    public string ErrorRate { get; set; } = "1";

    /// <summary>How many times as slow.</summary>
    public string Latency { get; set; } = "1.2";

    /// <summary>Of <see cref="Quantiles"/>.</summary>
    public string Quantile { get; set; } = "0.95";

    /// <summary>How many times as dear; of models and canaries.</summary>
    public string Cost { get; set; } = "";

    /// <summary>By how many percentage points more may be refused.</summary>
    public string Refusals { get; set; } = "";

    /// <summary>By how many percentage points more may come without usage; of models and canaries.</summary>
    public string MissingUsage { get; set; } = "";

    /// <summary>How many requests a step must have seen.</summary>
    public string MinimumRequests { get; set; } = "";

    /// <summary>How long after its hold a step waits for them.</summary>
    public string Timeout { get; set; } = "";

    /// <summary>What happens then.</summary>
    public TimeoutAction OnTimeout { get; set; }

    /// <summary>Whether there are figures of models to guard.</summary>
    public bool HasModels => Kind is not "routes";

    /// <summary>Whether the two parts are to be named.</summary>
    public bool HasParts => Kind is not "canaries";

    /// <summary>The parts of what is divided, as rollouts name them.</summary>
    public static IReadOnlyList<string> PartsOf(JsonElement resource) =>
        resource.TryGetProperty("split", out var split) ? [.. split.EnumerateArray().Select(part => part.GetProperty("upstream").GetString()!)]
        : resource.TryGetProperty("targets", out var targets) ? [.. targets.EnumerateArray().Select(part => $"{part.GetProperty("provider").GetString()}/{part.GetProperty("model").GetString()}")]
        : [];

    /// <summary>What is sent to the API.</summary>
    /// <exception cref="ConsoleRefusedException">Something that must be a number is none; all such are told.</exception>
    public RolloutBody Write()
    {
        var errors = new List<FieldError>();
        var steps = Steps.Select((step, i) => new StepBody(
            (int)Math.Round((Number(step.Percent, string.Create(CultureInfo.InvariantCulture, $"steps[{i}]: share"), errors) ?? 0) * 100), TextOrNull(step.Hold))).ToList();
        WorseBody? Worse(string text, string field) => Number(text, field, errors) is { } points ? new WorseBody(points / 100) : null;
        RatioBody? Ratio(string text, string field) => Number(text, field, errors) is { } ratio ? new RatioBody(ratio) : null;
        var latency = Number(Latency, "guards: latency", errors) is not { } times ? null
            : Quantile is Mean ? new LatencyBody(times, Mean: true)
            : new LatencyBody(times, double.Parse(Quantile, CultureInfo.InvariantCulture));
        var guards = new GuardsBody(
            Worse(ErrorRate, "guards: failures"), latency, HasModels ? Ratio(Cost, "guards: cost") : null, Worse(Refusals, "guards: refusals"), HasModels ? Worse(MissingUsage, "guards: without usage") : null);
        var minimum = Number(MinimumRequests, "requests at least", errors);
        foreach (var (step, i) in Steps.Select((step, i) => (step, i)).Where(s => string.IsNullOrWhiteSpace(s.step.Percent)))
        {
            errors.Add(new FieldError(string.Create(CultureInfo.InvariantCulture, $"steps[{i}]: share"), "is missing: a share in percent such as 10"));
        }

        return errors.Count > 0
            ? throw new ConsoleRefusedException(Problem.InvalidRequest(errors))
            : new RolloutBody(
                TextOrNull(Name), Kind is "routes" ? Resource : null, Kind is "models" ? Resource : null, HasParts ? From : null, HasParts ? To : null, steps, guards,
                MinimumRequests: (long?)minimum, Timeout: TextOrNull(Timeout), OnTimeout: OnTimeout, Canary: Kind is "canaries" ? Resource : null);
    }

    private static string? TextOrNull(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static double? Number(string text, string field, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (double.TryParse(text.Trim().TrimEnd('%').TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < 1_000_000_000)
        {
            return number;
        }

        errors.Add(new FieldError(field, $"must be a number such as 10 or 2.5, is '{text}'"));
        return null;
    }
}

/// <summary>A step as somebody fills it in.</summary>
internal sealed class DraftStep
{
    /// <summary>In percent.</summary>
    public string Percent { get; set; } = "";

    /// <summary>A time such as <c>10m</c>; empty: none.</summary>
    public string Hold { get; set; } = "";
}
