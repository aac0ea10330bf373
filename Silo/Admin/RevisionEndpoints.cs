using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>A page of the history.</summary>
/// <param name="Active">The number of the active revision.</param>
/// <param name="Items">Newest first.</param>
/// <param name="Next">The value of <c>before</c> for the next page; null: this was the last.</param>
public sealed record RevisionList(long Active, IReadOnlyList<RevisionItem> Items, long? Next);

/// <summary>One revision without its body.</summary>
/// <param name="RollbackOf">The revision whose body this one has again, or null.</param>
/// <param name="Pinned">True: it is kept until it is unpinned.</param>
/// <param name="Pruned">True: its resources are not kept any more.</param>
/// <param name="Effect">Where it was asked for and is known: how requests went before and after.</param>
public sealed record RevisionItem(
    long Revision,
    string Hash,
    DateTimeOffset At,
    Author Author,
    string? Reason,
    int Resources,
    IReadOnlyList<ResourceChange> Changes,
    long? RollbackOf,
    bool Pinned,
    bool Pruned,
    EffectAnswer? Effect = null);

/// <summary>One revision with its body.</summary>
public sealed record RevisionAnswer(RevisionItem Revision, IReadOnlyList<ResourceItem> Resources);

/// <summary>How one revision differs from another.</summary>
/// <param name="From">The earlier state; 0: nothing.</param>
/// <param name="To">The later state.</param>
public sealed record RevisionDiff(long From, long To, IReadOnlyList<ChangeAnswer> Changes);

/// <summary>What to roll back to.</summary>
/// <param name="To">The number of the revision whose body becomes active again, as a new revision.</param>
/// <param name="Reason">Why, for the history.</param>
public sealed record RollbackBody(long To, string? Reason = null);

/// <summary>The history, differences and the way back.</summary>
internal static class RevisionEndpoints
{
    private const int DefaultPage = 50;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/revisions", ListAsync)
            .Declare(
                AdminRole.Viewer,
                "list-revisions",
                "The history, newest first.",
                new("before", "integer", "Only revisions below this one."),
                new("limit", "integer", "1 to 1,000; 50 when not given."),
                new("effect", "boolean", "Tell how requests went before and after each revision, where it is known."))
            .WithTags("Revisions").Produces<RevisionList>().Refuses(400);
        api.MapGet("/revisions/{revision:long}", GetAsync)
            .Declare(AdminRole.Viewer, "get-revision", "One revision with all its resources.")
            .WithTags("Revisions").Produces<RevisionAnswer>().Refuses(404, 410);
        api.MapGet("/revisions/{revision:long}/diff", DiffAsync)
            .Declare(
                AdminRole.Viewer,
                "diff-revisions",
                "How a revision differs from another, resource by resource.",
                new QueryParameter("against", "integer", "The other revision, 0 for nothing; the one before when not given."))
            .WithTags("Revisions").Produces<RevisionDiff>().Refuses(400, 404, 410);
        api.MapPost("/rollback", RollbackAsync)
            .Declare(AdminRole.Operator, "rollback", "Makes the body of an earlier revision active again, as a new revision.", ApplyEndpoints.TakeOver)
            .WithTags("Revisions").Accepts<RollbackBody>("application/json").Produces<ApplyAnswer>().Refuses(400, 404, 409, 410, 413, 415);
    }

    public static Problem NoRevision(long number) =>
        Problem.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no revision {number}."));

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (before, limit, effect) = (query.Number("before", 1, long.MaxValue), (int)(query.Number("limit", 1, 1000) ?? DefaultPage), query.Flag("effect"));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        var head = await catalog.GetHeadAsync();
        var page = await catalog.GetHistoryAsync(before, limit);
        var kept = await grains.GetGrain<IRetentionGrain>(AdminApi.Workspace).GetAsync();
        var effects = effect ? (await grains.GetGrain<IEffectGrain>(AdminApi.Workspace).ListAsync()).ToDictionary(e => e.Revision, EffectAnswer.Of) : [];
        PublishAnswers.SetRevision(http, head.Revision);
        var next = page.Count == limit && page[^1].Number > 1 ? page[^1].Number : (long?)null;
        return Results.Json(new RevisionList(head.Revision, [.. page.Select(info => Item(info, kept) with { Effect = effects.GetValueOrDefault(info.Number) })], next), AdminJson.Options);
    }

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, long revision)
    {
        if (await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetRevisionAsync(revision) is not { } found)
        {
            return NoRevision(revision);
        }

        if (found.Pruned)
        {
            return Problem.Pruned(revision);
        }

        PublishAnswers.SetRevision(http, revision);
        return Results.Json(
            new RevisionAnswer(Item(found.Info, await grains.GetGrain<IRetentionGrain>(AdminApi.Workspace).GetAsync()), [.. found.Resources.Select(ResourceView.Item)]),
            AdminJson.Options);
    }

    private static async Task<IResult> DiffAsync(HttpContext http, IGrainFactory grains, long revision)
    {
        var query = new QueryReader(http.Request);
        var against = query.Number("against", 0, long.MaxValue) ?? Math.Max(0, revision - 1);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        if (await catalog.GetRevisionAsync(revision) is not { } to)
        {
            return NoRevision(revision);
        }

        var from = against > 0 ? await catalog.GetRevisionAsync(against) : null;
        if (against > 0 && from is null)
        {
            return NoRevision(against);
        }

        if ((to.Pruned ? to : from) is { Pruned: true } pruned)
        {
            return Problem.Pruned(pruned.Info.Number);
        }

        var before = (from?.Resources ?? []).ToDictionary(r => new ResourceKey(r.Kind, r.Name));
        var after = to.Resources.ToDictionary(r => new ResourceKey(r.Kind, r.Name));
        var changes = RevisionCompiler.Diff(from?.Resources ?? [], to.Resources).Select(c =>
        {
            var key = new ResourceKey(c.Kind, c.Name);
            return ResourceView.Compare(c, before.GetValueOrDefault(key), after.GetValueOrDefault(key));
        });
        PublishAnswers.SetRevision(http, revision);
        return Results.Json(new RevisionDiff(against, revision, [.. changes]), AdminJson.Options);
    }

    private static async Task<IResult> RollbackAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (ifMatch, takeOver) = (query.IfMatch(AdminApi.Workspace), query.Flag(ApplyEndpoints.TakeOver.Name));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var (body, refusal) = await RequestBody.ReadJsonAsync<RollbackBody>(http);
        if (refusal is not null)
        {
            return refusal;
        }

        if (body!.To < 1)
        {
            return Problem.InvalidRequest("to", "must be the number of a revision, 1 or more");
        }

        var outcome = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).RollbackAsync(body.To, ifMatch, http.Author(), body.Reason, takeOver);
        return PublishAnswers.Write(http, outcome);
    }

    private static RevisionItem Item(RevisionSummary info, KeptRevisions kept) => new(
        info.Number,
        info.Hash,
        info.At,
        info.Author,
        info.Reason,
        info.ResourceCount,
        info.Changes,
        info.RollbackOf,
        kept.Pinned.Contains(info.Number),
        kept.IsPruned(info.Number));
}
