using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>What would become differently of the calls of the last hour.</summary>
/// <param name="Revision">The active revision, which calls meet now.</param>
/// <param name="Candidate">What they would meet.</param>
/// <param name="Since">From when on calls were counted.</param>
/// <param name="Seen">All calls that the edges counted since.</param>
/// <param name="Kept">How many of them the edges have kept, and were looked at: an even sample where they are fewer.</param>
/// <param name="Changed">For how many calls those stand that would have another outcome.</param>
/// <param name="Groups">What would change, by aspect, then the most calls first. A call may stand in several.</param>
/// <param name="Unknown">Calls of which nobody can say, for what the revisions look at was not kept.</param>
/// <param name="Edges">Who told their calls and who did not.</param>
public sealed record ReplayAnswer(
    long Revision,
    ReplayCandidate Candidate,
    DateTimeOffset? Since,
    long Seen,
    int Kept,
    long Changed,
    IReadOnlyList<ReplayChange> Groups,
    IReadOnlyList<ReplayUnknown> Unknown,
    ReplayEdges Edges);

/// <summary>What the calls would meet.</summary>
/// <param name="Revision">The revision; with changes the one that they were applied to.</param>
/// <param name="Hash">Of the whole.</param>
/// <param name="Changes">How many resources the changes change; null: it is a revision as it is.</param>
public sealed record ReplayCandidate(long Revision, string Hash, int? Changes);

/// <summary>Who told their calls and who did not.</summary>
/// <param name="Told">The edges that did.</param>
/// <param name="Off">Edges that keep none (<c>Edge:Calls=0</c>).</param>
/// <param name="Silent">Edges that did not answer in time: their calls are not among these.</param>
/// <param name="TooLarge">Calls that were counted and not kept, since their path and values are too long.</param>
public sealed record ReplayEdges(IReadOnlyList<string> Told, IReadOnlyList<string> Off, IReadOnlyList<string> Silent, long TooLarge);

/// <summary>Calls that would change in the same way.</summary>
/// <param name="Aspect">What of their outcome.</param>
/// <param name="From">What it is now; left out: nothing.</param>
/// <param name="To">What it would be; left out: nothing.</param>
/// <param name="Calls">How many, where the kept ones stand for others.</param>
/// <param name="Example">One of them.</param>
/// <param name="CostBefore">With another price: what their tokens cost now.</param>
/// <param name="CostAfter">With another price: what they would cost.</param>
public sealed record ReplayChange(ReplayAspect Aspect, string? From, string? To, long Calls, ReplayExample Example, string? CostBefore, string? CostAfter)
{
    internal static ReplayChange Of(ReplayGroup group) => new(
        group.Aspect, group.From, group.To, group.Calls, ReplayExample.Of(group.Example), Cost(group.CostBefore), Cost(group.CostAfter));

    private static string? Cost(double? nano) => nano is { } amount ? PolicyText.Amount((long)amount, BudgetUnit.Money) : null;
}

/// <summary>A call.</summary>
/// <param name="At">When it was answered.</param>
/// <param name="Key">The id of its key.</param>
/// <param name="Status">What the client was answered.</param>
public sealed record ReplayExample(DateTimeOffset At, string Method, string Host, string Path, string? Tenant, string? Key, string? User, string? Model, int Status, long Revision)
{
    internal static ReplayExample Of(CallRecord call) => new(
        call.At, call.Method, call.Host, call.Path, call.Tenant, call.KeyId, call.User, call.Model, call.Status, call.Revision);
}
