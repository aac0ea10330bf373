using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Kept;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Deferred;

/// <summary>OpenAI's batches: begun, read, cancelled and listed under ids of the tenant's own. What they cost is charged when they have ended. See docs/batches.md.</summary>
internal sealed class BatchCalls(KeptArrivals arrivals, KeptTargets targets, KeptForwarding forwarding, BatchCreation creation, DeferredWorks works, DeferredWatch watch)
{
    private const int MostOfPage = 100;
    private const int UsualPage = 20;

    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival, Surface surface)
    {
        if (await arrivals.BeginAsync(arrival) is { } begun)
        {
            await (surface is not Surface.Batches ? ServeOneAsync(begun, surface) : HttpMethods.IsPost(arrival.Http.Request.Method) ? creation.ServeAsync(begun) : ListAsync(begun));
        }
    }

    private async Task ServeOneAsync(KeptArrival begun, Surface surface)
    {
        var (arrival, caller, tags, ids) = begun;
        var id = Surfaces.BatchOf(arrival.Http.Request.Path.Value!);
        if (ids.Open(TenantIds.OfBatch, id) is not { } place || targets.Find(arrival.Revision, caller, place) is not { } target)
        {
            await arrivals.RefuseAsync(arrival, NoBatch(id), caller);
            return;
        }

        var tenant = caller.Identity.Tenant;
        var call = new KeptCall(arrival, caller, tags, target);
        var before = await works.FindAsync(tenant, place.Provider, place.Id);
        var isCancel = surface is Surface.BatchCancel;
        ListedWork? listed = null;
        await forwarding.ServeAsync(call, isCancel ? HttpMethod.Post : HttpMethod.Get, $"/batches/{Uri.EscapeDataString(place.Id)}{(isCancel ? Surfaces.CancelEnd : "")}", null, async answer =>
        {
            if (answer.Answer.Status == StatusCodes.Status404NotFound)
            {
                Answers.Restart(arrival);
                await Answers.WriteErrorAsync(arrival.Http, NoBatch(id));
                return StatusCodes.Status404NotFound;
            }

            return await KeptForwarding.TellJsonAsync(answer, body =>
            {
                if (!answer.Answer.IsSuccess || BatchObject.Read(body.Span) is not { } batch)
                {
                    return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body.Span).Replace(place.Id, id, StringComparison.Ordinal));
                }

                (var told, listed) = batch.Tell(body.Span, ids, place.Provider, place.Model, id, before);
                if (batch.HasEnded)
                {
                    watch.Ask(tenant, place.Provider, place.Id);
                }

                return told;
            });
        });
        if (listed is not null && before is not null && listed != before)
        {
            await works.TryShowAsync(tenant, listed);
        }
    }

    private async Task ListAsync(KeptArrival begun)
    {
        var http = begun.Arrival.Http;
        if (ListedObjects.ReadLimit(http.Request.Query, UsualPage, MostOfPage, out var limit) is { } wrong)
        {
            await Answers.WriteErrorAsync(http, wrong);
            return;
        }

        var page = await works.ListAsync(begun.Caller.Identity.Tenant, ListedObjects.After(http.Request.Query), limit);
        if (page is not { IsFound: true })
        {
            await Answers.WriteErrorAsync(http, page is null ? ListedObjects.Unreachable : ListedObjects.NotListed("batch"));
            return;
        }

        await ListedObjects.WriteAsync(http, page.Items, static listed => listed.Id, static (writer, listed) => writer.WriteRawValue(listed.Json, skipInputValidation: true), page.HasMore);
    }

    private static ClientError NoBatch(string id) => new(404, $"No batch with id '{(id.Length > 1024 ? $"{id[..1024]}…" : id)}' found.", "batch_not_found", "id");
}
