using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Deferred;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Kept;

/// <summary>
/// Responses that a provider of that dialect keeps: read, cancelled and deleted by the ids that their answers had. One that comes later is charged once it is seen to be there. See docs/files.md.
/// </summary>
internal sealed class ResponseCalls(KeptArrivals arrivals, KeptTargets targets, KeptForwarding forwarding, DeferredWatch watch)
{
    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        if (await arrivals.BeginAsync(arrival) is not { } begun)
        {
            return;
        }

        (arrival, var caller, var tags, var ids) = begun;
        var request = arrival.Http.Request;
        var (id, action) = Surfaces.ResponseOf(request.Path.Value!);
        if (ids.Open(TenantIds.OfResponse, id) is not { } place || targets.Find(arrival.Revision, caller, place) is not { } target)
        {
            await arrivals.RefuseAsync(arrival, KeptArrivals.NoResponse(id), caller);
            return;
        }

        if (request.Query.ContainsKey("stream"))
        {
            await arrivals.RefuseAsync(arrival, new ClientError(400, "'stream' is not supported for a response that is kept: ask for it whole.", "not_supported", "stream"), caller);
            return;
        }

        var tenant = caller.Identity.Tenant;
        if (HttpMethods.IsDelete(request.Method))
        {
            // What it used is not known any more when it is gone.
            await watch.LookAsync(tenant, place.Provider, place.Id, arrival.Http.RequestAborted);
        }

        var path = $"/responses/{Uri.EscapeDataString(place.Id)}{action}{request.QueryString.Value}";
        var seal = new ResponseSeal(ids, place.Provider, place.Model, new KeptName(place.Id, id));
        await forwarding.ServeAsync(new KeptCall(arrival, caller, tags, target), new HttpMethod(request.Method), path, null, async answer =>
        {
            if (answer.Answer.Status == StatusCodes.Status404NotFound)
            {
                Answers.Restart(arrival);
                await Answers.WriteErrorAsync(arrival.Http, KeptArrivals.NoResponse(id));
                return StatusCodes.Status404NotFound;
            }

            return await KeptForwarding.TellJsonAsync(answer, body =>
            {
                if (answer.Answer.IsSuccess && ResponseLook.HasEnded(body.Span))
                {
                    watch.Ask(tenant, place.Provider, place.Id);
                }

                return Edit(body, answer, seal, place.Id, id);
            });
        });
    }

    private static ReadOnlyMemory<byte> Edit(ReadOnlyMemory<byte> body, KeptAnswer answer, ResponseSeal seal, string place, string id) =>
        !answer.Answer.IsSuccess ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body.Span).Replace(place, id, StringComparison.Ordinal))
            : seal.Edit(body.Span) is { } named ? named : body;
}
