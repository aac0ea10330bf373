using System.CommandLine;

namespace Sluice.Cli.Commands;

/// <summary>The options by which calls of the call log are chosen, the same for every command that looks at it.</summary>
internal static class CallFilterOptions
{
    private static readonly (string Query, Option<string?> Option)[] All =
    [
        ("tenant", Make("--tenant", "Of one tenant.")),
        ("key", Make("--key", "Of one key, by its id.")),
        ("user", Make("--user", "Of one user.")),
        ("model", Make("--model", "That asked for this model.")),
        ("route", Make("--route", "Of this plain route.")),
        ("provider", Make("--provider", "That this provider answered.")),
        ("target", Make("--target", "That this target answered: provider/model, or the part of a route's split.")),
        ("status", Make("--status", "With this status, such as 429, or one of a class, such as 5xx.")),
        ("minLatency", Make("--min-latency", "That took so long or longer, such as 250ms or 2s.")),
        ("maxLatency", Make("--max-latency", "That took so long or shorter.")),
        ("minCost", Make("--min-cost", "That cost so many US dollar or more.")),
        ("minAttempts", Make("--min-attempts", "With so many attempts or more: 2 for those that were tried again.")),
        ("cached", Make("--cached", "true: that were given a kept answer; false: those that were not.")),
        ("tag", Make("--tag", "With this tag, name=value.")),
        ("prompt", Make("--prompt", "With this prompt, name@version.")),
        ("refusedBy", Make("--refused-by", "That were told this error by the gateway, such as rate_limit_exceeded, or that this resource refused, such as Limit/gold.")),
        ("edge", Make("--edge", "That this edge served.")),
        ("revision", Make("--revision", "Under this revision.")),
    ];

    private static readonly Option<string?> From = Make("--from", "That ended then or later: a day or time (UTC); a day before --to when not given.");
    private static readonly Option<string?> To = Make("--to", "That ended then or earlier; now when not given.");

    /// <summary>The options, those of time among them.</summary>
    public static Symbol[] Symbols { get; } = [.. All.Select(one => one.Option), From, To];

    /// <summary>As they are asked of the API.</summary>
    public static (string Name, string? Value)[] Query(ParseResult parsed) => [.. Choice(parsed), ("from", parsed.GetValue(From)), ("to", parsed.GetValue(To))];

    /// <summary>Without those of time.</summary>
    public static IEnumerable<(string Name, string? Value)> Choice(ParseResult parsed) => All.Select(one => (one.Query, parsed.GetValue(one.Option)));

    /// <summary>Whether a time was given.</summary>
    public static bool HasTime(ParseResult parsed) => parsed.GetValue(From) is not null || parsed.GetValue(To) is not null;

    private static Option<string?> Make(string name, string description) => new(name) { Description = description };
}
