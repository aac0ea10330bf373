using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Catalog;

/// <summary>What is told of a publish after its end. Pure.</summary>
internal static class ReloadRules
{
    private const int LongestWhy = 300;
    private const int MostErrors = 2;

    /// <summary>What became of it; null: it was a dry run.</summary>
    public static ReloadOutcome? OutcomeOf(PublishOutcome outcome) => outcome switch
    {
        PublishOutcome.Published { Barrier.State: BarrierState.Partial } => ReloadOutcome.Partial,
        PublishOutcome.Published => ReloadOutcome.Committed,
        PublishOutcome.Unchanged => ReloadOutcome.Unchanged,
        PublishOutcome.Conflict => ReloadOutcome.Conflict,
        PublishOutcome.OwnedByOthers => ReloadOutcome.Owner,
        PublishOutcome.Refused => ReloadOutcome.Edge,
        PublishOutcome.Checked => null,
        _ => ReloadOutcome.Check,
    };

    /// <summary>As it is kept; null: it was a dry run, or changed nothing.</summary>
    public static Reload? Of(PublishOutcome outcome, Author author, bool isRollback, DateTimeOffset at)
    {
        if (OutcomeOf(outcome) is not { } became || became is ReloadOutcome.Unchanged)
        {
            return null;
        }

        var (code, why) = Why(outcome);
        var published = outcome as PublishOutcome.Published;
        return new Reload(
            at,
            author,
            became,
            published?.Head.Revision ?? 0,
            isRollback,
            published?.Phases ?? ImmutableDictionary<string, TimeSpan>.Empty,
            code,
            Shorten(why),
            (outcome as PublishOutcome.Refused)?.Edge ?? "");
    }

    /// <summary>Of one that ended in a fault.</summary>
    public static Reload Failed(string why, Author author, bool isRollback, DateTimeOffset at) =>
        new(at, author, ReloadOutcome.Failed, 0, isRollback, ImmutableDictionary<string, TimeSpan>.Empty, "fault", Shorten(why), "");

    private static (string Code, string Why) Why(PublishOutcome outcome) => outcome switch
    {
        PublishOutcome.Invalid invalid => ("invalid", string.Join("; ", invalid.Errors.Take(MostErrors).Select(error => $"{error.Path}: {WithoutValue(error.Message)}")) + More(invalid.Errors.Length - MostErrors)),
        PublishOutcome.Conflict conflict => ("conflict", FormattableString.Invariant($"revision {conflict.Head.Revision} came first")),
        PublishOutcome.OwnedByOthers { Resources: [var first, .. var rest] } => ("owner", $"{first.Kind}/{first.Name} belongs to {first.Owner}{More(rest.Length)}"),
        PublishOutcome.OwnedByOthers => ("owner", ""),
        PublishOutcome.Refused { Refusal: var refusal } => (refusal.Code, refusal.Path.Length > 0 ? $"{refusal.Path}: {WithoutValue(refusal.Message)}" : WithoutValue(refusal.Message)),
        PublishOutcome.Unheld unheld => ("unheld", $"not every edge held its requests for it: {string.Join(", ", unheld.Edges)}"),
        PublishOutcome.UnknownRevision unknown => ("unknown-revision", FormattableString.Invariant($"there is no revision {unknown.Number}")),
        PublishOutcome.PrunedRevision pruned => ("pruned", FormattableString.Invariant($"the resources of revision {pruned.Number} were let go")),
        _ => ("", ""),
    };

    private static string More(int count) => count > 0 ? FormattableString.Invariant($" (and {count} more)") : "";

    // A value that stands where it should not may be a secret. Who sent it was told of it; it is not kept for others to read, nor is the list of what is known there.
    private static string WithoutValue(string message) => Before(Before(message, " is '"), " Known here:");

    private static string Before(string text, string mark) => text.IndexOf(mark, StringComparison.Ordinal) is > 0 and var at ? text[..at].TrimEnd(',', ';', ' ') : text;

    private static string Shorten(string why) => why.Length <= LongestWhy ? why : $"{why[..LongestWhy]}…";
}
