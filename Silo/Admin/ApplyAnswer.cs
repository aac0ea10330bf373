using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Silo.Admin;

/// <summary>What became of a change.</summary>
/// <param name="Revision">The active revision, after the change or, with a dry run, before it.</param>
/// <param name="Hash">The hash of that revision; with a dry run, the hash that the next would have.</param>
/// <param name="DryRun">True: nothing was changed.</param>
/// <param name="Changes">What differs; empty: the change changes nothing and made no revision.</param>
/// <param name="Barrier">Complete: every edge runs the revision. Partial: some were silent until their right to admit under an older one had ended. None: it was not waited for.</param>
/// <param name="Edges">How the edges took it up.</param>
/// <param name="Phases">How long each phase took, in milliseconds: <c>1.2ms</c>.</param>
/// <param name="Warnings">What did not hold the change up and is to be looked at, such as a certificate that ends soon; absent: nothing.</param>
public sealed record ApplyAnswer(
    long Revision,
    string Hash,
    bool DryRun,
    IReadOnlyList<ChangeAnswer> Changes,
    BarrierState Barrier,
    EdgeCounts Edges,
    ImmutableSortedDictionary<string, string> Phases,
    IReadOnlyList<FieldError>? Warnings = null);

/// <summary>One resource that differs.</summary>
/// <param name="Before">The resource as it was: in differences only.</param>
/// <param name="After">The resource as it is: in differences only.</param>
/// <param name="OwnerBefore">Where another way in took it over: whose it was.</param>
/// <param name="OwnerAfter">Where another way in took it over: whose it is.</param>
public sealed record ChangeAnswer(
    ChangeType Type, string Kind, string Name, JsonElement? Before = null, JsonElement? After = null, string? OwnerBefore = null, string? OwnerAfter = null)
{
    /// <summary>A change without the resource's content.</summary>
    public static ChangeAnswer Of(ResourceChange change) => new(change.Type, change.Kind, change.Name, OwnerBefore: change.OwnerBefore, OwnerAfter: change.OwnerAfter);
}

/// <summary>How the edges took a revision up.</summary>
/// <param name="Activated">How many run it.</param>
/// <param name="Lapsed">The ids of those that were silent: they admit nothing under an older revision without saying <c>sluice-stale: true</c>.</param>
public sealed record EdgeCounts(int Activated, IReadOnlyList<string> Lapsed);

/// <summary>Turns a publish's outcome into an answer.</summary>
internal static class PublishAnswers
{
    public static IResult Write(HttpContext http, PublishOutcome outcome, Func<ResourceChange, ChangeAnswer>? tell = null)
    {
        switch (outcome)
        {
            case PublishOutcome.Published published:
                return Answer(published.Head, published.Head.Hash, dryRun: false, published.Changes, published.Phases, published.Barrier, published.Warnings);
            case PublishOutcome.Unchanged unchanged:
                return Answer(unchanged.Head, unchanged.Head.Hash, dryRun: false, [], [], unchanged.Barrier);
            case PublishOutcome.Checked candidate:
                return Answer(candidate.Head, candidate.Hash, dryRun: true, candidate.Changes, [], BarrierReport.NotAwaited, candidate.Warnings);
            case PublishOutcome.Invalid invalid:
                return Problem.InvalidResource(invalid.Errors);
            case PublishOutcome.Conflict conflict:
                return Problem.Conflict(conflict.Head, conflict.Differing);
            case PublishOutcome.OwnedByOthers others:
                return Problem.OwnerConflict(others.Resources);
            case PublishOutcome.Refused refused:
                return Problem.Refused(refused);
            case PublishOutcome.Unheld unheld:
                http.Response.Headers.RetryAfter = "5";
                return Problem.Unheld(unheld.Edges);
            case PublishOutcome.PrunedRevision pruned:
                return Problem.Pruned(pruned.Number);
            case PublishOutcome.UnknownRevision unknown:
                return RevisionEndpoints.NoRevision(unknown.Number);
            default:
                throw new InvalidOperationException($"Not a publish outcome: {outcome.GetType().Name}.");
        }

        IResult Answer(
            Head head, string hash, bool dryRun, ImmutableArray<ResourceChange> changes, IEnumerable<KeyValuePair<string, TimeSpan>> phases, BarrierReport barrier, ImmutableArray<FieldError> warnings = default)
        {
            SetRevision(http, head.Revision);
            return Results.Json(
                new ApplyAnswer(
                    head.Revision,
                    hash,
                    dryRun,
                    [.. changes.Select(tell ?? ChangeAnswer.Of)],
                    barrier.State,
                    new EdgeCounts(barrier.Activated, barrier.Lapsed),
                    phases.ToImmutableSortedDictionary(
                        p => p.Key, p => string.Create(CultureInfo.InvariantCulture, $"{p.Value.TotalMilliseconds:0.0##}ms"), StringComparer.Ordinal),
                    warnings.IsDefaultOrEmpty ? null : warnings),
                AdminJson.Options);
        }
    }

    /// <summary>Tells the revision that an answer speaks of, for <c>If-Match</c>.</summary>
    public static void SetRevision(HttpContext http, long revision) =>
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");
}
