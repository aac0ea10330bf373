using System.Globalization;
using Sluice.Revisions.WhatIf;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>Which calls of the last hour would change, as a review reads it.</summary>
internal static class ReplayReport
{
    /// <summary>Its lines.</summary>
    public static IEnumerable<string> Lines(ReplayAnswer answer)
    {
        yield return answer.Since is { } since
            ? Invariant($"{Count(answer.Seen)} since {since:HH:mm:ss'Z'}{(answer.Kept < answer.Seen ? Invariant($", of which {answer.Kept} are looked at") : "")}: {answer.Changed} would change.")
            : "No edge keeps calls.";
        foreach (var change in answer.Groups)
        {
            yield return Invariant($"{Sign(change.Aspect)} {Count(change.Calls)}, {Name(change.Aspect)}: {change.From ?? "nothing"} → {change.To ?? "nothing"}{(change.CostAfter is { } cost ? $", {change.CostBefore} → {cost} in all" : "")}");
            yield return $"    such as {Tell(change.Example)}";
        }

        foreach (var unknown in answer.Unknown)
        {
            yield return Invariant($"? {Count(unknown.Calls)} cannot be told: {unknown.Names} was not kept");
        }

        if (answer.Edges.Off.Count > 0)
        {
            yield return $"edges that keep no calls: {string.Join(", ", answer.Edges.Off)}";
        }

        if (answer.Edges.Silent.Count > 0)
        {
            yield return $"edges that did not answer: {string.Join(", ", answer.Edges.Silent)}";
        }

        if (answer.Edges.TooLarge > 0)
        {
            yield return Invariant($"{answer.Edges.TooLarge} calls were too long to be kept");
        }
    }

    private static string Tell(ReplayExample call)
    {
        var who = call.Tenant is { } tenant ? $" of {tenant}{(call.User is { } user ? $"/{user}" : "")}, key {call.Key}" : "";
        return Invariant($"{call.Method} {call.Host}{call.Path}{(call.Model is { } model ? $" ({model})" : "")} at {call.At:HH:mm:ss'Z'}{who}, which was answered {call.Status}");
    }

    private static string Count(long calls) => Invariant($"{calls} {(calls == 1 ? "call" : "calls")}");

    private static char Sign(ReplayAspect aspect) => aspect switch { ReplayAspect.Refused => '-', ReplayAspect.Served => '+', _ => '~' };

    private static string Name(ReplayAspect aspect) => aspect switch
    {
        ReplayAspect.Refused => "refused",
        ReplayAspect.Served => "no longer refused",
        ReplayAspect.Route => "another route or model",
        ReplayAspect.Part => "another part or target",
        ReplayAspect.Address => "another address",
        ReplayAspect.Limits => "other limits",
        ReplayAspect.Budgets => "other budgets",
        _ => "another price",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
