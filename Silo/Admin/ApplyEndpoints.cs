using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Bundles, as one revision or not at all.</summary>
internal static class ApplyEndpoints
{
    /// <summary>Parameters of every call that makes a revision.</summary>
    public static readonly QueryParameter DryRun = new("dryRun", "boolean", "Check and answer what would differ, change nothing.");

    public static readonly QueryParameter TakeOver = new("takeOver", "boolean", "Take what belongs to a folder or a Git source over, instead of being refused with 409; the audit has it.");

    public static readonly QueryParameter Reason = new("reason", "string", "Why, for the history; at most 500 characters.");

    public static readonly QueryParameter Wait = new("wait", "string", "edges (the default): answer when no edge admits under an older revision. none: answer after the commit.");

    public static readonly QueryParameter PublishId = new("publishId", "string", "Of your making, at most 64 characters: sending a change again under the same id makes no second revision.");

    private const int LongestReason = 500;
    private const int LongestPublishId = 64;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/apply", ApplyAsync)
        .Declare(
            AdminRole.Operator,
            "apply",
            "Applies a bundle as one revision or not at all. The body is YAML documents or a JSON array.",
            DryRun,
            new("prune", "boolean", "Remove what the bundle does not name."),
            TakeOver,
            Reason,
            Wait,
            PublishId)
        .WithTags("Resources")
        .Accepts<object>("application/json", RequestBody.Yaml)
        .Produces<ApplyAnswer>()
        .Refuses(400, 409, 413, 415, 422);

    /// <summary>The reason, or null; one that is too long is noted as an error.</summary>
    public static string? ReadReason(QueryReader query)
    {
        var reason = query.Text(Reason.Name);
        if (reason?.Length > LongestReason)
        {
            query.Wrong(Reason.Name, $"is longer than {LongestReason} characters");
        }

        return reason;
    }

    /// <summary>The id of the publish, and whether to wait for the edges; what is wrong is noted as an error.</summary>
    public static (string? PublishId, bool Wait) ReadWait(QueryReader query)
    {
        var (id, wait) = (query.Text(PublishId.Name), query.Text(Wait.Name) ?? "edges");
        if (id?.Length > LongestPublishId)
        {
            query.Wrong(PublishId.Name, $"is longer than {LongestPublishId} characters");
        }

        if (wait is not ("edges" or "none"))
        {
            query.Wrong(Wait.Name, $"must be edges or none, is '{wait}'");
        }

        return (id, !string.Equals(wait, "none", StringComparison.Ordinal));
    }

    private static async Task<IResult> ApplyAsync(HttpContext http, IGrainFactory grains)
    {
        var query = new QueryReader(http.Request);
        var (change, prune) = (ChangeQuery.Read(query), query.Flag("prune"));
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var (text, refusal) = await RequestBody.ReadBundleAsync(http);
        if (refusal is not null)
        {
            return refusal;
        }

        var bundle = Bundle.Parse(text!);
        if (!bundle.Errors.IsEmpty)
        {
            return Problem.InvalidResource(bundle.Errors);
        }

        if (bundle.Resources.IsEmpty)
        {
            return Problem.InvalidRequest("body", "the bundle holds no resource; send at least one, also with prune=true");
        }

        return await PublishAsync(http, grains, change.Publish(http, bundle.Resources, [], prune));
    }

    /// <summary>Publishes, or checks and shows each resource before and after.</summary>
    internal static async Task<IResult> PublishAsync(HttpContext http, IGrainFactory grains, PublishRequest request)
    {
        var outcome = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).PublishAsync(request);
        return PublishAnswers.Write(http, outcome, outcome is PublishOutcome.Checked candidate ? await CompareAsync(grains, candidate, request.Put) : null);
    }

    /// <summary>Each resource before and after. A secret's new value has no stored form yet: only that it changes is told.</summary>
    private static async Task<Func<ResourceChange, ChangeAnswer>> CompareAsync(
        IGrainFactory grains, PublishOutcome.Checked candidate, ImmutableArray<byte[]> written)
    {
        var active = await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetRevisionAsync(candidate.Head.Revision);
        var before = (active?.Resources ?? []).ToDictionary(r => new ResourceKey(r.Kind, r.Name));
        var after = written.Where(w => ResourceReader.ReadInput(w).Key is { Kind: not SecretResource.KindName })
            .Select(w => ResourceReader.Read(w).Body)
            .OfType<ResourceBody>()
            .ToDictionary(r => new ResourceKey(r.Kind, r.Name));
        return change =>
        {
            var key = new ResourceKey(change.Kind, change.Name);
            return ResourceView.Compare(change, before.GetValueOrDefault(key), after.GetValueOrDefault(key));
        };
    }
}
