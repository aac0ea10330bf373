using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Catalog;

/// <summary>What is kept of publishes.</summary>
public sealed class ReloadRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Head Head = new(1, 7, "hash");
    private static readonly Author Ada = new("ada", "cli", "");

    public static TheoryData<PublishOutcome, ReloadOutcome, string, string> Refusals => new()
    {
        { new PublishOutcome.Invalid([new FieldError("Secret/x: value", "must be text, is 'sk-live-1'"), new FieldError("b", "c"), new FieldError("d", "e")]), ReloadOutcome.Check, "invalid", "Secret/x: value: must be text; b: c (and 1 more)" },
        { new PublishOutcome.Conflict(Head, []), ReloadOutcome.Conflict, "conflict", "revision 7 came first" },
        { new PublishOutcome.OwnedByOthers([new OwnedResource("Route", "shop", "folder:base")]), ReloadOutcome.Owner, "owner", "Route/shop belongs to folder:base" },
        { new PublishOutcome.Refused("hash", "edge-1", new EdgeRefusal("certificate", "Certificate/shop", "has no key")), ReloadOutcome.Edge, "certificate", "Certificate/shop: has no key" },
        { new PublishOutcome.Unheld(["edge-2"]), ReloadOutcome.Check, "unheld", "not every edge held its requests for it: edge-2" },
        { new PublishOutcome.UnknownRevision(9), ReloadOutcome.Check, "unknown-revision", "there is no revision 9" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_is_kept_with_why_and_without_the_value_that_was_wrong(PublishOutcome outcome, ReloadOutcome expected, string code, string why)
    {
        var reload = ReloadRules.Of(outcome, Ada, isRollback: false, Noon)!;

        Assert.Equal((expected, code, why, 0L), (reload.Outcome, reload.Code, reload.Why, reload.Revision));
        Assert.Equal(outcome is PublishOutcome.Refused ? "edge-1" : "", reload.Edge);
    }

    [Fact]
    public void What_changes_nothing_is_not_kept()
    {
        Assert.Null(ReloadRules.Of(new PublishOutcome.Unchanged(Head, BarrierReport.NotAwaited), Ada, isRollback: false, Noon));
        Assert.Null(ReloadRules.Of(new PublishOutcome.Checked(Head, "hash", []), Ada, isRollback: false, Noon));
    }

    [Fact]
    public void Of_a_day_the_last_are_kept_and_a_day_that_went_round_is_begun_anew()
    {
        var state = new StoredReloads();
        for (var i = 1; i <= StoredReloads.Most + 3; i++)
        {
            state = state.With(Published(i, Ada, Noon));
        }

        Assert.Equal((StoredReloads.Most, 3, 4), (state.Reloads.Length, state.Dropped, state.Reloads[0].Revision));

        var later = state.With(Published(9_000, Ada, Noon.AddDays(ReloadDays.Kept)));
        Assert.Equal((1, 0), (later.Reloads.Length, later.Dropped));
        Assert.Same(later, later.With(Published(9_001, Ada, Noon)));
        Assert.Equal(ReloadDays.KeyOf("default", new DateOnly(2026, 3, 1)), ReloadDays.KeyOf("default", new DateOnly(2026, 3, 1).AddDays(ReloadDays.Kept)));
    }

    private static Reload Published(long revision, Author author, DateTimeOffset at) => ReloadRules.Of(
        new PublishOutcome.Published(
            Head with { Revision = revision },
            [],
            ImmutableDictionary<string, TimeSpan>.Empty.Add("check", TimeSpan.FromMilliseconds(1)),
            new BarrierReport(BarrierState.Complete, 1, [])),
        author,
        isRollback: false,
        at)!;
}
