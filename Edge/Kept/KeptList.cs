using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Kept;

namespace Sluice.Edge.Kept;

/// <summary>The list of what a tenant has with providers, which its grain keeps. Adding and removing are tried once, within a bound: what is not listed is reached by its id all the same.</summary>
internal sealed class KeptList(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<KeptList> log)
{
    private const int Most = 10_000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Adds an entry; false: no silo stored it in time.</summary>
    public Task<bool> TryAddAsync(string tenant, KeptObject kept) => TryAsync(Of(tenant).AddAsync(kept));

    /// <summary>Removes an entry; false: no silo did in time.</summary>
    public Task<bool> TryRemoveAsync(string tenant, KeptPlace place) => TryAsync(Of(tenant).RemoveAsync(place.Provider, place.Id));

    /// <summary>Answers with a page of the tenant's files, as OpenAI does.</summary>
    public async Task WriteFilesAsync(HttpContext http, string tenant)
    {
        if (ReadQuery(http.Request.Query, out var wrong) is not { } query)
        {
            await Answers.WriteErrorAsync(http, wrong!);
            return;
        }

        KeptPage page;
        try
        {
            page = await Of(tenant).ListAsync(query).WaitAsync(Bound, time, http.RequestAborted);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            log.LogWarning("The files of {Tenant} could not be listed: {Reason}", tenant, e.Message);
            await Answers.WriteErrorAsync(http, ListedObjects.Unreachable);
            return;
        }

        if (!page.IsFound)
        {
            await Answers.WriteErrorAsync(http, ListedObjects.NotListed("file"));
            return;
        }

        await ListedObjects.WriteAsync(http, page.Items, static file => file.Id, Write, page.HasMore);
    }

    private static KeptQuery? ReadQuery(IQueryCollection given, out ClientError? error)
    {
        var order = given["order"].ToString();
        error = ListedObjects.ReadLimit(given, Most, Most, out var most);
        if (error is not null)
        {
            return null;
        }

        if (order is not ("" or "asc" or "desc"))
        {
            error = new ClientError(400, "'order' must be asc or desc.", "invalid_request", "order");
            return null;
        }

        return new KeptQuery(ListedObjects.After(given), most, order is "asc", given["purpose"] is [{ Length: > 0 } purpose, ..] ? purpose : null);
    }

    private static void Write(Utf8JsonWriter writer, KeptObject file)
    {
        writer.WriteStartObject();
        writer.WriteString("id", file.Id);
        writer.WriteString("object", "file");
        writer.WriteNumber("bytes", file.Bytes);
        writer.WriteNumber("created_at", file.CreatedAt);
        if (file.ExpiresAt is { } expires)
        {
            writer.WriteNumber("expires_at", expires);
        }

        writer.WriteString("filename", file.Name);
        writer.WriteString("purpose", file.Purpose);
        writer.WriteString("status", "processed");
        writer.WriteEndObject();
    }

    private IKeptObjectsGrain Of(string tenant) => cluster.GetGrain<IKeptObjectsGrain>(GrainKeys.Join(start.Workspace, tenant));

    private async Task<bool> TryAsync(Task call)
    {
        try
        {
            await call.WaitAsync(Bound, time);
            return true;
        }
        catch (Exception e)
        {
            log.LogWarning("A tenant's list of files could not be changed: {Reason}", e.Message);
            return false;
        }
    }
}
