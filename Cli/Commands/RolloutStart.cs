using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice rollout start</c></summary>
internal static class RolloutStart
{
    private static readonly Argument<string?> Name = new("name") { Description = "The rollout's name; one is made when not given.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Route = new("--route") { Description = "The route whose split moves." };
    private static readonly Option<string?> Model = new("--model") { Description = "The model whose targets move." };
    private static readonly Option<string?> Canary = new("--canary") { Description = "The canary whose share rises; without --from and --to." };
    private static readonly Option<string?> From = new("--from") { Description = "The upstream, or provider/model, that gives." };
    private static readonly Option<string?> To = new("--to") { Description = "The upstream, or provider/model, that takes." };

    private static readonly Option<string[]> Step = new("--step")
    {
        Description = "A share in percent and how long it is held, such as 5%:10m; once for each step, in order.", Required = true,
    };

    private static readonly Option<double?> ErrorRate = new("--error-rate") { Description = "By how much the rate of failures may be above the old one: 0.01 is one in a hundred." };
    private static readonly Option<double?> Latency = new("--latency") { Description = "How many times as slow it may be, such as 1.2." };
    private static readonly Option<string?> Quantile = new("--quantile") { Description = "What --latency compares: a quantile such as 0.95 (the default), or mean." };
    private static readonly Option<double?> Cost = new("--cost") { Description = "How many times as much a request may cost on average." };
    private static readonly Option<double?> Refusals = new("--refusals") { Description = "By how much the rate of 429 may be above the old one." };
    private static readonly Option<double?> MissingUsage = new("--missing-usage") { Description = "By how much the rate of answers without usage may be above the old one." };
    private static readonly Option<double?> Alpha = new("--alpha") { Description = "The accepted chance of a false alarm in the whole rollout; 0.05." };
    private static readonly Option<long?> Minimum = new("--minimum-requests") { Description = "How many requests a step needs on the new part; 100." };
    private static readonly Option<string?> Timeout = new("--timeout") { Description = "How long a step waits for them after its hold; 1h." };
    private static readonly Option<TimeoutAction?> OnTimeout = new("--on-timeout") { Description = "What happens then: pause, rollback or advance." };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show the weights of each step and how the first would change the resource; begin nothing." };

    public static Command Define() => AdminSession.Define(
        "start",
        "Begin a rollout.",
        async (session, parsed, cancellation) =>
        {
            if (parsed.GetValue(DryRun))
            {
                return Show(session, await session.Client.PostAsync<RolloutPlan>(ApiPath.Query("rollouts", ("dryRun", "true")), Body(parsed), cancellation));
            }

            var answer = await session.Client.PostAsync<RolloutAnswer>("rollouts", Body(parsed), cancellation);
            return session.Tell(answer, $"rollout {answer.Name} begins: {RolloutCommands.Split(answer.Route, answer.Model, answer.Canary)} from {answer.From} to {answer.To}, {string.Create(CultureInfo.InvariantCulture, $"{answer.Steps.Count}")} steps");
        },
        Name,
        Route,
        Model,
        Canary,
        From,
        To,
        Step,
        ErrorRate,
        Latency,
        Quantile,
        Cost,
        Refusals,
        MissingUsage,
        Alpha,
        Minimum,
        Timeout,
        OnTimeout,
        DryRun);

    private static int Show(AdminSession session, RolloutPlan plan)
    {
        var code = session.Write(
            plan,
            ["STEP", "SHARE", "HELD", "WEIGHTS"],
            plan.Steps.Select((step, i) => new[] { (i + 1).ToString(CultureInfo.InvariantCulture), RolloutCommands.Share(step.Share), step.Hold, Spell(step.Weights) }).Prepend(["now", "", "", Spell(plan.Now)]));
        if (!session.Json)
        {
            session.Output.WriteLine();
            ChangePrinter.Print(session, [plan.First]);
            session.Output.WriteLine("Dry run: nothing was begun.");
        }

        return code;
    }

    private static string Spell(IEnumerable<SplitWeight> weights) => string.Join(", ", weights.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Part} {w.Weight}")));

    private static RolloutBody Body(ParseResult parsed)
    {
        var guards = new GuardsBody(
            parsed.GetValue(ErrorRate) is { } errors ? new WorseBody(errors) : null,
            ReadLatency(parsed),
            parsed.GetValue(Cost) is { } cost ? new RatioBody(cost) : null,
            parsed.GetValue(Refusals) is { } refusals ? new WorseBody(refusals) : null,
            parsed.GetValue(MissingUsage) is { } missing ? new WorseBody(missing) : null);
        return new RolloutBody(
            parsed.GetValue(Name),
            parsed.GetValue(Route),
            parsed.GetValue(Model),
            parsed.GetValue(From),
            parsed.GetValue(To),
            [.. parsed.GetRequiredValue(Step).Select(ReadStep)],
            guards,
            parsed.GetValue(Alpha),
            parsed.GetValue(Minimum),
            parsed.GetValue(Timeout),
            parsed.GetValue(OnTimeout),
            parsed.GetValue(Canary));
    }

    private static LatencyBody? ReadLatency(ParseResult parsed)
    {
        const double Usual = 0.95;
        var text = parsed.GetValue(Quantile);
        if (parsed.GetValue(Latency) is not { } ratio)
        {
            return text is null ? null : throw new UsageException("--quantile has no effect without --latency");
        }

        return text switch
        {
            null => new LatencyBody(ratio, Usual),
            "mean" => new LatencyBody(ratio, Mean: true),
            _ => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quantile)
                ? new LatencyBody(ratio, quantile)
                : throw new UsageException($"--quantile must be a number such as 0.95, or mean; is '{text}'"),
        };
    }

    private static StepBody ReadStep(string text)
    {
        var (share, hold) = text.Split(':') is [var before, var after] ? (before, after) : (text, null);
        return share.EndsWith('%') && decimal.TryParse(share[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100 && percent * 100 == decimal.Truncate(percent * 100)
            ? new StepBody((int)(percent * 100), hold)
            : throw new UsageException($"--step must be a share in percent, with at most two places, and how long it is held, such as 5%:10m or 100%; is '{text}'");
    }
}
