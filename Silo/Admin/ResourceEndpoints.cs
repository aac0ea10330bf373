using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>All resources of a kind.</summary>
/// <param name="Revision">The revision that they are of.</param>
public sealed record ResourceList(long Revision, IReadOnlyList<ResourceItem> Items);

/// <summary>One declared resource.</summary>
/// <param name="Hash">SHA-256 of its canonical form.</param>
/// <param name="Resource">As declared.</param>
/// <param name="Owner">The way in that it belongs to: <c>api</c>, <c>folder:name</c> or <c>git:name</c>.</param>
public sealed record ResourceItem(string Kind, string Name, string Hash, JsonElement Resource, string Owner)
{
    /// <summary>The header that tells whose the resource of an answer is, where that is one resource.</summary>
    public const string OwnerHeader = "sluice-owner";
}

/// <summary>Single resources: the same paths for each kind of the one list of kinds.</summary>
internal static class ResourceEndpoints
{
    // Of the segment after /api/v1.
    private const int Depth = 2;

    public static void Map(RouteGroupBuilder api)
    {
        foreach (var kind in Kinds.All)
        {
            // Names of models may hold slashes, as providers write them.
            var one = string.Equals(kind.Name, ModelResource.KindName, StringComparison.Ordinal) ? $"/{kind.Plural}/{{**name}}" : $"/{kind.Plural}/{{name}}";
            api.MapGet($"/{kind.Plural}", (HttpContext http, IGrainFactory grains) => ListAsync(http, grains, kind))
                .Declare(AdminRole.Viewer, $"list-{kind.Plural}", $"All resources of kind {kind.Name} in the active revision.")
                .WithTags(kind.Name).Produces<ResourceList>();
            api.MapGet(one, (HttpContext http, IGrainFactory grains, string name) => GetAsync(http, grains, kind, Unescape(name)))
                .Declare(AdminRole.Viewer, $"get-{kind.Plural}", $"One {kind.Name} of the active revision; the ETag is the revision, and the header sluice-owner tells whose it is.")
                .WithTags(kind.Name).Produces<JsonElement>().Refuses(404);
            api.MapPut(one, (HttpContext http, IGrainFactory grains, string name) => PutAsync(http, grains, kind, Unescape(name)))
                .Declare(AdminRole.Operator, $"put-{kind.Plural}", $"Adds or replaces one {kind.Name}, as one revision.", ApplyEndpoints.DryRun, ApplyEndpoints.TakeOver, ApplyEndpoints.Reason, ApplyEndpoints.Wait, ApplyEndpoints.PublishId)
                .WithTags(kind.Name).Accepts<object>("application/json", RequestBody.Yaml).Produces<ApplyAnswer>().Refuses(400, 409, 413, 415);
            api.MapDelete(one, (HttpContext http, IGrainFactory grains, string name) => DeleteAsync(http, grains, kind, Unescape(name)))
                .Declare(AdminRole.Operator, $"delete-{kind.Plural}", $"Removes one {kind.Name}, as one revision.", ApplyEndpoints.DryRun, ApplyEndpoints.TakeOver, ApplyEndpoints.Reason, ApplyEndpoints.Wait, ApplyEndpoints.PublishId)
                .WithTags(kind.Name).Produces<ApplyAnswer>().Refuses(400, 404, 409);
        }

    }

    /// <summary>Answers for kinds that there are not; mapped last. What other endpoints own is left to the router, which tells 404 from 405.</summary>
    public static void MapUnknown(RouteGroupBuilder api, IEnumerable<Endpoint> others)
    {
        var owned = others.OfType<RouteEndpoint>()
            .Select(e => e.RoutePattern.PathSegments)
            .Where(segments => segments.Count > Depth)
            .SelectMany(segments => segments[Depth].Parts.OfType<RoutePatternLiteralPart>())
            .Select(part => part.Content)
            .Distinct(StringComparer.Ordinal);
        var kind = $"{{kind:regex(^(?!({string.Join('|', owned)})$).*$)}}";
        foreach (var path in new[] { $"/{kind}", $"/{kind}/{{**name}}" })
        {
            api.Map(path, (string kind) => NoKind(kind))
                .WithMetadata(new Declaration(AdminRole.Viewer, []))
                .ExcludeFromDescription();
        }
    }

    private static Problem NoKind(string kind) => Problem.UnknownKind(Unknown.Say("kind", kind, [.. Kinds.All.Select(k => k.Plural)]));

    // The server leaves an escaped slash as it is, so that it separates nothing.
    /// <summary>The name of a path, where slashes of it stay escaped.</summary>
    internal static string Unescape(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static async Task<IResult> ListAsync(HttpContext http, IGrainFactory grains, KindEntry kind)
    {
        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        var head = await catalog.GetHeadAsync();
        var revision = head.Revision > 0 ? await catalog.GetRevisionAsync(head.Revision) : null;
        PublishAnswers.SetRevision(http, head.Revision);
        return Results.Json(
            new ResourceList(head.Revision, [.. Of(revision, kind).Select(ResourceView.Item)]), AdminJson.Options);
    }

    private static IEnumerable<ResourceBody> Of(Revision? revision, KindEntry kind) =>
        (revision?.Resources ?? []).Where(r => string.Equals(r.Kind, kind.Name, StringComparison.Ordinal));

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, KindEntry kind, string name)
    {
        // The head is read first: the resource may be newer than the ETag says, never older, so If-Match refuses rather than overwrites.
        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        var head = await catalog.GetHeadAsync();
        if (await catalog.GetResourceAsync(kind.Name, name) is not { } body)
        {
            return NoResource(kind, name);
        }

        PublishAnswers.SetRevision(http, head.Revision);
        http.Response.Headers[ResourceItem.OwnerHeader] = Owners.Of(body);
        return Results.Json(ResourceView.Show(body), AdminJson.Options);
    }

    private static async Task<IResult> PutAsync(HttpContext http, IGrainFactory grains, KindEntry kind, string name)
    {
        var query = new QueryReader(http.Request);
        var change = ChangeQuery.Read(query);
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

        if (bundle.Resources is not [var written])
        {
            return Problem.InvalidRequest("body", $"must hold one resource, holds {bundle.Resources.Length}; several at once go to /api/v1/apply");
        }

        var (resource, errors) = NamedResource.Complete(written, kind.Name, name);
        if (errors.Count > 0)
        {
            return Problem.InvalidResource(errors);
        }

        return await ApplyEndpoints.PublishAsync(http, grains, change.Publish(http, [resource], []));
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, IGrainFactory grains, KindEntry kind, string name)
    {
        var query = new QueryReader(http.Request);
        var change = ChangeQuery.Read(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        if (await catalog.GetResourceAsync(kind.Name, name) is null)
        {
            return NoResource(kind, name);
        }

        return await ApplyEndpoints.PublishAsync(http, grains, change.Publish(http, [], [new ResourceKey(kind.Name, name)]));
    }

    private static Problem NoResource(KindEntry kind, string name) => Problem.NotFound($"The active revision has no {kind.Name} '{name}'.");
}
