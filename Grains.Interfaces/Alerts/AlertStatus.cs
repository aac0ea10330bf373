namespace Sluice.Grains.Interfaces.Alerts;

/// <summary>How grave an alert is.</summary>
public enum AlertSeverity
{
    /// <summary>To be looked at in time.</summary>
    Warning,

    /// <summary>To be looked at now.</summary>
    Critical,

    /// <summary>To be known.</summary>
    Info,
}

/// <summary>What an alert stands at.</summary>
public enum AlertPhase
{
    /// <summary>Its condition does not hold.</summary>
    Quiet,

    /// <summary>It holds, and not yet for as long as is asked.</summary>
    Pending,

    /// <summary>It holds.</summary>
    Firing,

    /// <summary>It held.</summary>
    Resolved,
}

/// <summary>An alert as it stands, for one group of its labels.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="About">The group: <c>certificate=shop</c>; empty: it has none.</param>
/// <param name="Phase">What it stands at.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Summary">For people.</param>
/// <param name="Condition">The condition in words: <c>max of sluice.reload.edges.behind above 0 for 1m</c>.</param>
/// <param name="Value">What was measured last; null: nothing.</param>
/// <param name="Since">Since when it stands at it; null: quiet.</param>
/// <param name="IsSilenced">Whether nobody is told.</param>
/// <param name="IsBuiltIn">Whether it is one that Sluice has by itself.</param>
[GenerateSerializer, Immutable, Alias("sluice.alert-status")]
public sealed record AlertStatus(
    [property: Id(0)] string Alert,
    [property: Id(1)] string About,
    [property: Id(2)] AlertPhase Phase,
    [property: Id(3)] AlertSeverity Severity,
    [property: Id(4)] string Summary,
    [property: Id(5)] string Condition,
    [property: Id(6)] double? Value,
    [property: Id(7)] DateTimeOffset? Since,
    [property: Id(8)] bool IsSilenced,
    [property: Id(9)] bool IsBuiltIn);

/// <summary>That an alert began or ended.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="Phase"><see cref="AlertPhase.Firing"/> or <see cref="AlertPhase.Resolved"/>.</param>
/// <param name="Value">What was measured then; null: nothing.</param>
/// <param name="At">When.</param>
/// <param name="Since">When it began.</param>
/// <param name="IsSilenced">Whether nobody was told.</param>
[GenerateSerializer, Immutable, Alias("sluice.alert-transition")]
public sealed record AlertTransition(
    [property: Id(0)] long Number,
    [property: Id(1)] string Alert,
    [property: Id(2)] string About,
    [property: Id(3)] AlertPhase Phase,
    [property: Id(4)] AlertSeverity Severity,
    [property: Id(5)] string Summary,
    [property: Id(6)] string Condition,
    [property: Id(7)] double? Value,
    [property: Id(8)] DateTimeOffset At,
    [property: Id(9)] DateTimeOffset Since,
    [property: Id(10)] bool IsSilenced);

/// <summary>Nobody is told of an alert for a time.</summary>
/// <param name="Id">By which it is ended.</param>
/// <param name="Alert">The alert's name.</param>
/// <param name="About">Of this group alone; null: of all.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="By">Who silenced it.</param>
/// <param name="Reason">Why; null: nobody said.</param>
[GenerateSerializer, Immutable, Alias("sluice.alert-silence")]
public sealed record AlertSilence(
    [property: Id(0)] string Id,
    [property: Id(1)] string Alert,
    [property: Id(2)] string? About,
    [property: Id(3)] DateTimeOffset Until,
    [property: Id(4)] string By,
    [property: Id(5)] string? Reason);
