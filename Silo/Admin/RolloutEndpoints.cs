using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Rollouts;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>Rollouts: begun here, steered here, declared nowhere.</summary>
internal static class RolloutEndpoints
{
    private const string Tag = "Rollouts";
    private const int LongestMadeName = 40;

    private static readonly QueryParameter DryRun = new("dryRun", "boolean", "Check, and answer the weights of each step and how the first would change the resource; begin nothing.");

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/rollouts", StartAsync)
            .Declare(AdminRole.Operator, "start-rollout", "Moves the weights of a route's or a model's split through steps, watched by guards.", DryRun)
            .WithTags(Tag).Accepts<RolloutBody>("application/json").Produces<RolloutPlan>().Produces<RolloutAnswer>(201).Refuses(400, 409, 413, 415);
        api.MapGet("/rollouts", ListAsync)
            .Declare(AdminRole.Viewer, "list-rollouts", "Rollouts, the newest first.")
            .WithTags(Tag).Produces<RolloutList>();
        api.MapGet("/rollouts/{name}", GetAsync)
            .Declare(AdminRole.Viewer, "get-rollout", "One rollout: its step, what was counted, how its guards stand, and what it did and why.")
            .WithTags(Tag).Produces<RolloutAnswer>().Refuses(404);
        Steer("pause", "Stays at the step; the guards watch on.", RolloutCommand.Pause);
        Steer("resume", "Goes on with the step.", RolloutCommand.Resume);
        Steer("abort", "Publishes the weights of before.", RolloutCommand.Abort);
        api.MapPost("/rollouts/{name}/promote", (HttpContext http, IGrainFactory grains, string name) =>
            {
                var query = new QueryReader(http.Request);
                var command = query.Flag("all") ? RolloutCommand.PromoteToEnd : RolloutCommand.Promote;
                return query.Problem is { } wrong ? Task.FromResult<IResult>(wrong) : SteerAsync(http, grains, name, command);
            })
            .Declare(AdminRole.Operator, "promote-rollout", "Publishes the next step now.", new QueryParameter("all", "boolean", "The last step instead of the next."))
            .WithTags(Tag).Produces<RolloutAnswer>().Refuses(400, 404, 409);

        void Steer(string verb, string summary, RolloutCommand command) => api
            .MapPost($"/rollouts/{{name}}/{verb}", (HttpContext http, IGrainFactory grains, string name) => SteerAsync(http, grains, name, command))
            .Declare(AdminRole.Operator, $"{verb}-rollout", summary)
            .WithTags(Tag).Produces<RolloutAnswer>().Refuses(404, 409);
    }

    private static IRolloutGrain? Find(IGrainFactory grains, string name) =>
        Names.IsResource(name) ? grains.GetGrain<IRolloutGrain>(GrainKeys.Join(AdminApi.Workspace, name)) : null;

    private static Problem NoRollout(string name) => Problem.NotFound($"There is no rollout '{name}'.");

    private static async Task<IResult> StartAsync(HttpContext http, IGrainFactory grains, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var isDry = query.Flag(DryRun.Name);
        var (document, refusal) = await RequestBody.ReadDocumentAsync(http);
        if ((query.Problem ?? refusal) is { } wrong)
        {
            document?.Dispose();
            return wrong;
        }

        using var body = document!;
        var (written, spec, errors) = RolloutBody.Read(body.RootElement);
        if (spec is null)
        {
            return Problem.InvalidRequest(errors);
        }

        if (isDry)
        {
            var resource = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetResourceAsync(SplitBody.KindName(spec.Kind), spec.Resource);
            return SplitBody.Check(spec, resource) is { IsEmpty: false } unfit ? Problem.InvalidRequest(unfit) : Results.Json(RolloutPlan.Of(spec, resource!), AdminJson.Options);
        }

        var name = written ?? MakeName(spec.Resource, time.GetUtcNow());
        return await Find(grains, name)!.StartAsync(spec, http.Author()) switch
        {
            RolloutOutcome.Done done => Results.Json(RolloutAnswer.Of(done.Status), AdminJson.Options, statusCode: StatusCodes.Status201Created),
            RolloutOutcome.Invalid invalid => Problem.InvalidRequest(invalid.Errors),
            RolloutOutcome.Taken { By: var by } when string.Equals(by, name, StringComparison.Ordinal) => Problem.Exists($"There is a rollout '{name}' already."),
            RolloutOutcome.Taken { By: var by } => Problem.RolloutRuns($"Rollout '{by}' moves the weights of '{spec.Resource}': wait for its end, or abort it."),
            var other => throw new InvalidOperationException($"Not an outcome of a start: {other.GetType().Name}."),
        };
    }

    // Names of models may hold what names of resources may not.
    private static string MakeName(string resource, DateTimeOffset now)
    {
        var stem = new string([.. resource.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return string.Create(CultureInfo.InvariantCulture, $"{(stem.Length is 0 or > LongestMadeName ? "rollout" : stem)}-{now:yyyyMMdd-HHmmss-fff}");
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains)
    {
        var listed = await grains.GetGrain<IRolloutDirectoryGrain>(AdminApi.Workspace).ListAsync();
        var found = await Task.WhenAll(listed.Select(r => Find(grains, r.Name)!.GetAsync()));
        return Results.Json(new RolloutList([.. found.OfType<RolloutStatus>().Select(RolloutItem.Of)]), AdminJson.Options);
    }

    private static async Task<IResult> GetAsync(IGrainFactory grains, string name) =>
        Find(grains, name) is { } rollout && await rollout.GetAsync() is { } status ? Results.Json(RolloutAnswer.Of(status), AdminJson.Options) : NoRollout(name);

    private static async Task<IResult> SteerAsync(HttpContext http, IGrainFactory grains, string name, RolloutCommand command) =>
        (Find(grains, name) is { } rollout ? await rollout.SteerAsync(command, http.Author()) : new RolloutOutcome.Unknown()) switch
        {
            RolloutOutcome.Done done => Results.Json(RolloutAnswer.Of(done.Status), AdminJson.Options),
            RolloutOutcome.Refused refused => Problem.RolloutState($"{char.ToUpperInvariant(refused.Reason[0])}{refused.Reason[1..]}."),
            _ => NoRollout(name),
        };
}
