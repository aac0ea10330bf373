using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Kept;

/// <summary>Opens the ids by which a request for a model names what a provider keeps for its tenant. Then only that provider can serve it.</summary>
internal sealed class KeptInputs(KeptArrivals arrivals, KeptIds keptIds)
{
    /// <summary>The request as its provider reads it; as it came where it names nothing that is kept.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="body">As it came.</param>
    /// <param name="tellsIds">Whether the answer has ids that must be the tenant's.</param>
    /// <param name="cancellation">The client's leaving.</param>
    public async ValueTask<OpenedInput> OpenAsync(Caller caller, ReadOnlyMemory<byte> body, bool tellsIds, CancellationToken cancellation)
    {
        var references = KeptReferences.MayBeIn(body.Span) ? KeptReferences.Find(body.Span) : [];
        if (references.IsEmpty && !tellsIds)
        {
            return new OpenedInput(body, null, null);
        }

        var (ids, error) = await arrivals.IdsOfAsync(caller, cancellation);
        if (references.IsEmpty)
        {
            // Without a silo answers have ids that nobody can use later, rather than none be given.
            return new OpenedInput(body, new KeptContext(ids ?? keptIds.Passing(caller.Identity.Tenant)), null);
        }

        if (ids is null)
        {
            return new OpenedInput(body, null, error);
        }

        var places = new List<KeptPlace>(references.Length);
        var kept = new KeptContext(ids);
        foreach (var reference in references)
        {
            // Who may not use the model by which it came has it not.
            if (ids.Open(reference.Beginning, reference.Id) is not { } place || !caller.MayUse(place.Model))
            {
                return new OpenedInput(body, null, reference.IsResponse ? KeptArrivals.NoPrevious() : KeptArrivals.NoFile(reference.Id, reference.Field));
            }

            if (places.Count > 0 && !string.Equals(places[0].Provider, place.Provider, StringComparison.Ordinal))
            {
                return new OpenedInput(body, null, new ClientError(
                    400, $"'{reference.Field}': the request names what two providers keep, '{places[0].Provider}' and '{place.Provider}', and one cannot read the other's.", "invalid_request", reference.Field));
            }

            places.Add(place);
            kept = reference.IsResponse ? kept with { Previous = new KeptName(place.Id, reference.Id) } : kept;
        }

        return new OpenedInput(KeptReferences.Replace(body.Span, references, places), kept with { Keeper = places[0].Provider }, null);
    }

    /// <summary>Why a target cannot be sent what another provider keeps.</summary>
    public static ClientError Unfit(string keeper, string model, CompiledTarget target) => new(
        400, $"The request names a file or response that the provider '{keeper}' keeps, and the model '{model}' is served by '{target.Provider.Name}'. Name a model of that provider, or upload the file with 'sluice-model: {model}'.", "invalid_request", "model");
}

/// <summary>A request whose ids were opened.</summary>
/// <param name="Body">As its provider reads it.</param>
/// <param name="Kept">What it has to do with what providers keep; null: nothing.</param>
/// <param name="Error">Why it cannot be served; null: it can.</param>
internal readonly record struct OpenedInput(ReadOnlyMemory<byte> Body, KeptContext? Kept, ClientError? Error);
