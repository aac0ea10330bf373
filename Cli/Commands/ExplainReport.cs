using System.Globalization;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.WhatIf;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>An explanation as people read it.</summary>
internal static class ExplainReport
{
    /// <summary>Its lines.</summary>
    public static IEnumerable<string> Lines(ExplainAnswer answer)
    {
        yield return answer.Says;
        yield return Invariant($"revision {answer.Revision}{(answer.Candidate ? " with the changes, which are not published" : "")}");
        if (answer.Canary is { } canary)
        {
            yield return $"under canary {canary}";
        }

        if (answer.Caller is { } caller)
        {
            yield return $"caller: tenant {caller.Tenant}{(caller.Key is { } key ? $", key {key}" : "")}{(caller.User is { } user ? $", user {user}" : "")}{(caller.Models.Count > 0 ? $", who may use {string.Join(", ", caller.Models)}" : "")}";
        }
        else if (answer.Refusal is null)
        {
            yield return "caller: nobody; a key is not looked at";
        }

        foreach (var line in Of(answer.Route).Concat(ExplainedModelReport.Lines(answer.Model)).Concat(Of(answer.Headers)))
        {
            yield return line;
        }

        foreach (var limit in answer.Limits)
        {
            yield return $"limit {limit.Name} of {limit.Subject}: {limit.Says}";
        }

        foreach (var budget in answer.Budgets)
        {
            yield return $"budget {budget.Name} of {budget.Subject}: {budget.Says}";
        }

        if (answer is { Refusal: null, Limits.Count: 0, Budgets.Count: 0 })
        {
            yield return "no limit and no budget";
        }

        if (answer.Reserved is { } reserved)
        {
            yield return Invariant($"reserved at most: {reserved.OutputTokens} tokens out{(reserved.InputTokens is { } input ? Invariant($", {input} in") : "")}{(reserved.Cost is { } cost ? $", {cost}" : "")}");
        }

        foreach (var line in answer.Candidates.Select(Of))
        {
            yield return line;
        }

        if (answer.Others > 0)
        {
            yield return Invariant($"  … and {answer.Others} more routes, whose path or host does not fit");
        }
    }

    private static IEnumerable<string> Of(ExplainedRoute? route)
    {
        if (route is null)
        {
            yield break;
        }

        var split = route.Split;
        yield return $"route {route.Name}, access {route.Access.ToString().ToLowerInvariant()}{(split.Key is { } key ? $", sticky by {key}" : "")}";
        if (route.Answer is { } answer)
        {
            yield return $"> answers {answer}";
        }

        foreach (var part in split.Parts)
        {
            var mark = string.Equals(part.Upstream, split.Part, StringComparison.Ordinal) ? '>' : ' ';
            yield return Invariant($"{mark} {part.Upstream}: weight {part.Weight}, {part.Share * 100:0.##} % from {part.From:0.####} on, at {string.Join(", ", part.Addresses)}");
        }

        if (split is { Key: not null, Value: null })
        {
            yield return $"  the request has no {split.Key}, so the part is decided by chance";
        }
        else if (split.Point is { } point)
        {
            yield return Invariant($"  the hash of '{split.Value}' lies at {point:0.####}");
        }

        foreach (var change in route.Changes)
        {
            yield return $"  with {change}";
        }
    }

    private static IEnumerable<string> Of(ExplainedHeaders? headers)
    {
        if (headers is { Passed.Count: > 0 })
        {
            yield return $"headers passed on: {string.Join(", ", headers.Passed)}";
        }

        if (headers is { Withheld.Count: > 0 })
        {
            yield return $"headers withheld: {string.Join(", ", headers.Withheld)}";
        }

        if (headers is { Added.Count: > 0 })
        {
            yield return $"headers added: {string.Join(", ", headers.Added)}";
        }
    }

    private static string Of(ExplainedCandidate candidate) => candidate.Verdict switch
    {
        CandidateVerdict.Matches => $"= {candidate.Route}: matches",
        CandidateVerdict.Later => $"- {candidate.Route}: would match, but comes later",
        _ => $"- {candidate.Route}: {string.Join("; ", candidate.Missed.Select(Of))}",
    };

    private static string Of(MissedCondition missed) =>
        $"{missed.Condition.ToString().ToLowerInvariant()}{(missed.Name is { } name ? $" {name}" : "")} must be {(missed.Asked.IsEmpty ? "there" : string.Join(" or ", missed.Asked))}, is {(missed.Met.IsEmpty ? "missing" : string.Join(", ", missed.Met))}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
