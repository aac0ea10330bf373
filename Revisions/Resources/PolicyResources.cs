namespace Sluice.Revisions.Resources;

/// <summary>Whom a limit or budget binds: written <c>workspace</c>, <c>tenant/acme</c>, <c>tenant/*</c> (each tenant for itself), <c>key/&lt;id&gt;</c>, <c>key/*</c>, <c>user/&lt;tenant&gt;/&lt;user&gt;</c>, <c>user/*</c>.</summary>
/// <param name="Scope">What kind of subject.</param>
/// <param name="Name">Null: each of that scope for itself.</param>
public readonly record struct Subject(SubjectScope Scope, string? Name);

/// <summary>Kinds of subjects.</summary>
public enum SubjectScope
{
    Workspace,
    Tenant,
    Key,
    User,
}

/// <summary>An amount in a window.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Amount">More than 0, in the unit: tokens, requests, or 10⁻⁹ US dollar.</param>
/// <param name="Window">When it starts anew.</param>
/// <param name="Mode">Whether it refuses.</param>
/// <param name="WhenUnreachable">What happens when no silo answers and the lease is spent.</param>
public sealed record BudgetResource(
    string Name, Subject Subject, BudgetUnit Unit, long Amount, BudgetWindow Window, BudgetMode Mode, WhenUnreachable WhenUnreachable) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Budget";

    public override string Kind => KindName;
}

/// <summary>What a budget counts.</summary>
public enum BudgetUnit
{
    Tokens,
    Money,
    Requests,
}

/// <summary>A budget's window.</summary>
/// <param name="Every">Its length.</param>
/// <param name="Zone">The IANA time zone in whose calendar it begins; UTC by default.</param>
public sealed record BudgetWindow(WindowLength Every, string Zone);

/// <summary>Lengths of windows: <c>day</c>, <c>week</c> (from Monday), <c>month</c>, <c>lifetime</c>.</summary>
public enum WindowLength
{
    Day,
    Week,
    Month,
    Lifetime,
}

/// <summary><c>hard</c> (default) never lets more through than the amount; <c>soft</c> counts and tells.</summary>
public enum BudgetMode
{
    Hard,
    Soft,
}

/// <summary>Without silos: <c>closed</c> (default) refuses what no lease covers; <c>open</c> admits and counts later.</summary>
public enum WhenUnreachable
{
    Closed,
    Open,
}

/// <summary>Rates of one subject; at least one of the three is declared.</summary>
/// <param name="Concurrent">The most requests at one time over all edges; null: unbounded.</param>
public sealed record LimitResource(
    string Name, Subject Subject, Rate? Requests, Rate? Tokens, int? Concurrent, WhenUnreachable WhenUnreachable) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Limit";

    public override string Kind => KindName;
}

/// <summary>An amount in a time with a burst: in any interval T no more than Amount·T/Per + Burst is admitted.</summary>
/// <param name="Per">One second, minute or hour.</param>
/// <param name="Amount">More than 0.</param>
/// <param name="Burst">1 to Amount·Per…; the amount when not declared.</param>
public sealed record Rate(TimeSpan Per, long Amount, long Burst);
