using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
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
    private static readonly ClientError Unreachable = new(503, "The list could not be read at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

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
        var (limit, most) = (http.Request.Query["limit"].ToString(), UsualPage);
        if (limit.Length > 0 && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most is < 1 or > MostOfPage))
        {
            await Answers.WriteErrorAsync(http, new ClientError(400, $"'limit' must be a whole number from 1 to {MostOfPage}.", "invalid_request", "limit"));
            return;
        }

        var page = await works.ListAsync(begun.Caller.Identity.Tenant, http.Request.Query["after"] is [{ Length: > 0 } after, ..] ? after : null, most);
        if (page is not { IsFound: true })
        {
            await Answers.WriteErrorAsync(http, page is null ? Unreachable : new ClientError(400, "'after' must be the id of a batch that is listed.", "invalid_request", "after"));
            return;
        }

        var body = Write(page);
        http.Response.ContentType = "application/json";
        await KeptForwarding.WriteAsync(http, body);
    }

    private static ReadOnlyMemory<byte> Write(ListedPage page)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("object", "list");
            writer.WriteStartArray("data");
            foreach (var listed in page.Items)
            {
                writer.WriteRawValue(listed.Json, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteString("first_id", page.Items.FirstOrDefault()?.Id);
            writer.WriteString("last_id", page.Items.LastOrDefault()?.Id);
            writer.WriteBoolean("has_more", page.HasMore);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static ClientError NoBatch(string id) => new(404, $"No batch with id '{(id.Length > 1024 ? $"{id[..1024]}…" : id)}' found.", "batch_not_found", "id");
}
