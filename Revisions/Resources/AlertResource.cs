using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Revisions.Resources;

/// <summary>What is made of a metric's series.</summary>
public enum AlertValue
{
    /// <summary>What a gauge stands at.</summary>
    Now,

    /// <summary>By how much a counter grew, or how much a histogram counted.</summary>
    Increase,

    /// <summary>The same a second.</summary>
    Rate,

    /// <summary>The part of the whole metric's increase, 0 to 1, that these labels have.</summary>
    Share,

    /// <summary>A histogram's median.</summary>
    P50,

    /// <summary>Its 90th percentile.</summary>
    P90,

    /// <summary>Its 95th percentile.</summary>
    P95,

    /// <summary>Its 99th percentile.</summary>
    P99,
}

/// <summary>What is made of the values of several processes and series.</summary>
public enum AlertMerge
{
    /// <summary>The greatest.</summary>
    Max,

    /// <summary>The least.</summary>
    Min,

    /// <summary>All together.</summary>
    Sum,
}

/// <summary>How two values become one.</summary>
public enum AlertOperation
{
    /// <summary>Both together.</summary>
    Plus,

    /// <summary>The first without the second.</summary>
    Minus,

    /// <summary>The one as often as the other.</summary>
    Times,

    /// <summary>The first as a share of the second.</summary>
    Divide,
}

/// <summary>A second value with which an alert's own is reckoned.</summary>
/// <param name="Operation">How they become one.</param>
/// <param name="Of">The second: over the same time as the first, and told apart by the same labels.</param>
public sealed record AlertOperand(AlertOperation Operation, AlertResource Of);

/// <summary>A condition over a metric, or over two, of which somebody is to be told; see docs/alerts.md.</summary>
/// <param name="Metric">As docs/monitoring.md has it.</param>
/// <param name="Value">What is made of it.</param>
/// <param name="Labels">The values that series have to have; empty: all series.</param>
public sealed record AlertResource(string Name, string Metric, AlertValue Value, ImmutableDictionary<string, ImmutableArray<string>> Labels) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Alert";

    /// <summary>Over how long, 10 s to 1 h; of no meaning where <see cref="Value"/> is <see cref="AlertValue.Now"/>.</summary>
    public TimeSpan Over { get; init; }

    /// <summary>The labels by whose values alerts are told apart.</summary>
    public ImmutableArray<string> By { get; init; } = [];

    /// <summary>How gauges of several processes become one.</summary>
    public AlertMerge Merge { get; init; }

    /// <summary>What the value is reckoned with; null: it is looked at alone.</summary>
    public AlertOperand? Combine { get; init; }

    /// <summary>It holds where the value is greater; null: <see cref="Below"/> counts.</summary>
    public double? Above { get; init; }

    /// <summary>It holds where the value is less; null: <see cref="Above"/> counts.</summary>
    public double? Below { get; init; }

    /// <summary>So many events at least are needed for a share or a percentile, and in what is divided by.</summary>
    public long Least { get; init; }

    /// <summary>For how long it has to hold.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How grave it is.</summary>
    public AlertSeverity Severity { get; init; }

    /// <summary>One line for people; null: the condition says it.</summary>
    public string? Summary { get; init; }

    /// <summary>Webhooks that are told besides those that want to be told of every alert.</summary>
    public ImmutableArray<string> Send { get; init; } = [];

    /// <summary>False: it is not evaluated, as if it were not there; so is one of Sluice's own turned off.</summary>
    public bool Enabled { get; init; } = true;

    public override string Kind => KindName;

    /// <summary>Whether a value meets the condition.</summary>
    public bool Holds(double value) => Above is { } above ? value > above : value < Below;
}
