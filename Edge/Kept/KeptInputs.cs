using Microsoft.Extensions.Logging;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Kept;

/// <summary>Opens the ids by which a request for a model names what a provider keeps for its tenant. Then only that provider can serve it.</summary>
internal sealed class KeptInputs(KeptIds keptIds, ILogger<KeptInputs> log)
{
    private static readonly ClientError Unopened = new(503, "The ids of files could not be checked at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>The request as its provider reads it; as it came where it names nothing that is kept.</summary>
    public async ValueTask<OpenedInput> OpenAsync(Caller caller, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var references = KeptReferences.Find(body.Span);
        if (references.IsEmpty)
        {
            return new OpenedInput(body, null, null);
        }

        TenantIds ids;
        try
        {
            ids = await keptIds.OfAsync(caller.Identity.Tenant, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning("The key of kept objects' ids could not be had: {Reason}", e.Message);
            return new OpenedInput(body, null, Unopened);
        }

        var places = new List<KeptPlace>(references.Length);
        foreach (var reference in references)
        {
            // Who may not use the model by which a file came has not the file.
            if (ids.Open(TenantIds.OfFile, reference.Id) is not { } place || !caller.MayUse(place.Model))
            {
                return new OpenedInput(body, null, new ClientError(404, $"No such File object: {(reference.Id.Length > 1024 ? $"{reference.Id[..1024]}…" : reference.Id)}", "file_not_found", reference.Field));
            }

            if (places.Count > 0 && !string.Equals(places[0].Provider, place.Provider, StringComparison.Ordinal))
            {
                return new OpenedInput(body, null, new ClientError(400, $"'{reference.Field}': the request names files that two providers keep, '{places[0].Provider}' and '{place.Provider}', and one cannot read the other's.", "invalid_request", reference.Field));
            }

            places.Add(place);
        }

        return new OpenedInput(KeptReferences.Replace(body.Span, references, places), places[0].Provider, null);
    }

    /// <summary>Why a target cannot be sent what another provider keeps.</summary>
    public static ClientError Unfit(string keeper, string model, CompiledTarget target) => new(
        400, $"The request names a file that the provider '{keeper}' keeps, and the model '{model}' is served by '{target.Provider.Name}'. Upload the file with 'sluice-model: {model}'.", "invalid_request", "file_id");
}

/// <summary>A request whose ids were opened.</summary>
/// <param name="Body">As its provider reads it.</param>
/// <param name="Keeper">The only provider that can serve it; null: any can.</param>
/// <param name="Error">Why it cannot be served; null: it can.</param>
internal readonly record struct OpenedInput(ReadOnlyMemory<byte> Body, string? Keeper, ClientError? Error);
