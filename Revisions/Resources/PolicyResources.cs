using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>
/// Whom a limit or budget binds: written <c>workspace</c>, <c>organisation/north</c>, <c>organisation/*</c>, <c>tenant/acme</c>, <c>tenant/*</c> (each tenant for itself),
/// <c>team/&lt;tenant&gt;/&lt;team&gt;</c>, <c>team/*</c>, <c>user/&lt;tenant&gt;/&lt;user&gt;</c>, <c>user/*</c>, <c>key/&lt;id&gt;</c>, <c>key/*</c>.
/// </summary>
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
    Organisation,
    Team,
}

/// <summary>What of a subject's requests a limit or budget counts: all, those for one model or route, or those for what a product has.</summary>
/// <param name="Name">The name of a model, or <c>route/</c> and that of a route; null: of none alone.</param>
/// <param name="Product">The name of a product; null: of none.</param>
public readonly record struct PolicyFor(string? Name, string? Product = null)
{
    private const string RoutePrefix = "route/";

    /// <summary>The models and routes that the product has in a revision, by their names here; null: it is not resolved, and counts nothing.</summary>
    public FrozenSet<string>? Members { get; init; }

    /// <summary>Whether the product is subscribed to: then it binds its subscribers alone.</summary>
    public bool BindsSubscribers { get; init; }

    /// <summary>Whether nothing is left out.</summary>
    public bool CountsAll => Name is null && Product is null;

    /// <summary>The route's own name, where <see cref="Name"/> is written as one.</summary>
    public string? RouteName => Name?.StartsWith(RoutePrefix, StringComparison.Ordinal) is true ? Name[RoutePrefix.Length..] : null;

    /// <summary>A route's name as usage counts it.</summary>
    public static PolicyFor Route(string route) => new($"{RoutePrefix}{route}");

    /// <summary>Whether requests of this name are counted.</summary>
    public bool Counts(string name) => CountsAll || (Members?.Contains(name) ?? string.Equals(Name, name, StringComparison.Ordinal));

    /// <summary>Whether the same is declared, whatever the product has in either revision.</summary>
    public bool Equals(PolicyFor other) => string.Equals(Name, other.Name, StringComparison.Ordinal) && string.Equals(Product, other.Product, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Product);
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
    /// <summary>What of the subject's requests is counted.</summary>
    public PolicyFor For { get; init; }

    /// <summary>The budget of the same scope that does not bind this one's subject, since this one does; null: none.</summary>
    public string? InPlaceOf { get; init; }

    /// <summary>With <see cref="WhenUnreachable.OpenUpTo"/>: the most that each edge admits above its lease, in the budget's unit.</summary>
    public long OpenUpTo { get; init; }

    /// <summary>What a request reserves; adaptive is for hard budgets of tokens or money alone.</summary>
    public ReservationPolicy Reservation { get; init; }

    /// <summary>The shares at whose spending a change is told, in percent, rising; 1 to 100.</summary>
    public ImmutableArray<int> WarnAt { get; init; } = [];

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
/// <param name="Rolling">The length of a rolling window, ten minutes to 366 days; null for all others.</param>
public sealed record BudgetWindow(WindowLength Every, string Zone, TimeSpan? Rolling = null);

/// <summary>Lengths of windows: <c>day</c>, <c>week</c> (from Monday), <c>month</c>, <c>lifetime</c>, <c>rolling</c> (each interval of a length).</summary>
public enum WindowLength
{
    Day,
    Week,
    Month,
    Lifetime,
    Rolling,
}

/// <summary><c>hard</c> (default) never lets more through than the amount; <c>soft</c> counts and tells.</summary>
public enum BudgetMode
{
    Hard,
    Soft,
}

/// <summary>
/// What a request reserves: <c>worstCase</c> (default) all that it may use; <c>adaptive</c> of a streamed answer what such answers mostly use, and more while it streams.
/// </summary>
public enum ReservationPolicy
{
    WorstCase,
    Adaptive,
}

/// <summary>Without silos: <c>closed</c> (default) refuses what no lease covers; <c>open</c> admits and counts later; for budgets <c>{ openUpTo: … }</c> does so up to an amount.</summary>
public enum WhenUnreachable
{
    Closed,
    Open,
    OpenUpTo,
}

/// <summary>Rates of one subject; at least one of the three is declared.</summary>
/// <param name="Concurrent">The most requests at one time over all edges; null: unbounded.</param>
public sealed record LimitResource(
    string Name, Subject Subject, Rate? Requests, Rate? Tokens, int? Concurrent, WhenUnreachable WhenUnreachable) : Resource(Name)
{
    /// <summary>What of the subject's requests is counted.</summary>
    public PolicyFor For { get; init; }

    /// <summary>The limit of the same scope that does not bind this one's subject, since this one does; null: none.</summary>
    public string? InPlaceOf { get; init; }

    /// <summary>The kind's name.</summary>
    public const string KindName = "Limit";

    public override string Kind => KindName;
}

/// <summary>An amount in a time with a burst: in any interval T no more than Amount·T/Per + Burst is admitted.</summary>
/// <param name="Per">One second, minute or hour.</param>
/// <param name="Amount">More than 0.</param>
/// <param name="Burst">1 to Amount·Per…; the amount when not declared.</param>
public sealed record Rate(TimeSpan Per, long Amount, long Burst);
