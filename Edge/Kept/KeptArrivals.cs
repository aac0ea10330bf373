using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Kept;

/// <summary>The first steps of a request about what a provider keeps: who asks, and by which ids.</summary>
internal sealed class KeptArrivals(Identification identification, KeptIds keptIds, RecentCalls calls)
{
    private const int LongestTold = 1024;
    private static readonly ClientError Unopened = new(503, "The ids of what providers keep could not be checked at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>Begins; null: the client was told why not.</summary>
    public async Task<KeptArrival?> BeginAsync(Arrival arrival)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(arrival);
        if (caller is null || !CallTags.TryRead(http.Request, out var tags, out error))
        {
            await RefuseAsync(arrival, error!, caller);
            return null;
        }

        var (ids, unopened) = await IdsOfAsync(caller, http.RequestAborted);
        if (ids is null)
        {
            await RefuseAsync(arrival, unopened!, caller);
            return null;
        }

        return new KeptArrival(arrival.For(caller), caller, tags, ids);
    }

    /// <summary>A caller's ids, or why they cannot be opened now. Exactly one of the two is set.</summary>
    public async ValueTask<(TenantIds? Ids, ClientError? Error)> IdsOfAsync(Caller caller, CancellationToken cancellation)
    {
        try
        {
            return (await keptIds.OfAsync(caller.Identity.Tenant, cancellation), null);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            return (null, Unopened);
        }
    }

    /// <summary>Tells the client why it is not served.</summary>
    public async Task RefuseAsync(Arrival arrival, ClientError error, Caller? caller)
    {
        await Answers.WriteErrorAsync(arrival.Http, error);
        calls.Note(arrival, EndedCall.Refused(error.Status, caller));
    }

    /// <summary>There is no file of this id, for this tenant.</summary>
    /// <param name="id">As the client wrote it.</param>
    /// <param name="field">Where.</param>
    public static ClientError NoFile(string id, string field) => new(404, $"No such File object: {Shorten(id)}", "file_not_found", field);

    /// <summary>There is no response of this id, for this tenant.</summary>
    public static ClientError NoResponse(string id) => new(404, $"Response with id '{Shorten(id)}' not found.", "response_not_found", "id");

    /// <summary>A request goes on from a response that is not there for this tenant.</summary>
    public static ClientError NoPrevious() => new(
        400, "'previous_response_id': no such response is kept for you. Take the id that an answer of this model had, or send the conversation in 'input'.", "previous_response_not_found", "previous_response_id");

    private static string Shorten(string id) => id.Length > LongestTold ? $"{id[..LongestTold]}…" : id;
}

/// <summary>A request about what a provider keeps, whose caller is known.</summary>
internal sealed record KeptArrival(Arrival Arrival, Caller Caller, ImmutableArray<string> Tags, TenantIds Ids);
