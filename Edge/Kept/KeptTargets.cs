using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Targets;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Kept;

/// <summary>Which provider keeps what a client sends, and which one has what a client names. Providers of OpenAI's two dialects keep files; nothing moves from one to another.</summary>
internal sealed class KeptTargets(TargetTable table)
{
    /// <summary>The request header, or field of the query, that names the model.</summary>
    public const string Header = "sluice-model";

    /// <summary>Where something new goes: to the model that the request names, else to the only one that it can mean. Exactly one of the two is set.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="named">The model that the request names; empty: none.</param>
    public (KeptTarget? Target, ClientError? Error) Choose(EdgeRevision revision, Caller caller, string named)
    {
        if (named.Length > 0)
        {
            if (ModelNames.Find(revision.Plan, named, caller.Identity.Models) is not { Model: { } model, IsShaped: false })
            {
                return (null, new ClientError(404, $"The model '{(named.Length > 128 ? $"{named[..128]}…" : named)}' does not exist or you do not have access to it.", "model_not_found", Header));
            }

            return First(revision, model) is { } target ? (new KeptTarget(model, target), null)
                : (null, new ClientError(400, $"The model '{model.Resource.Name}' keeps no files: none of its targets has a provider of the dialect openai or responses.", "invalid_request", Header));
        }

        var able = revision.Plan.Models.Values.Where(m => Keeps(m.Targets[0]) && caller.MayUse(m.Resource.Name)).Take(2).ToArray();
        return able is [var only] && First(revision, only) is { } its ? (new KeptTarget(only, its), null)
            : (null, new ClientError(
                400,
                able.Length == 0 ? $"No model that this key may use has a provider of the dialect openai or responses first, so that nothing says who keeps the file. Name a model in the header '{Header}'."
                    : $"Several models could say which provider keeps the file. Name one in the header '{Header}'.",
                "invalid_request",
                Header));
    }

    /// <summary>Who has something; null: nobody whom the caller may ask.</summary>
    public KeptTarget? Find(EdgeRevision revision, Caller caller, KeptPlace place) =>
        ModelNames.Find(revision.Plan, place.Model, caller.Identity.Models) is { Model: { } model, IsShaped: false }
            && model.Targets.FirstOrDefault(t => Keeps(t) && string.Equals(t.Provider.Name, place.Provider, StringComparison.Ordinal)) is { } target
            ? new KeptTarget(model, target)
            : null;

    private static bool Keeps(CompiledTarget target) => target.Provider.Dialect is ProviderDialect.Openai or ProviderDialect.Responses;

    // The first that is well; where none is, the first.
    private CompiledTarget? First(EdgeRevision revision, CompiledModel model)
    {
        var (states, now) = (table.Of(model, revision).States, table.Now);
        CompiledTarget? first = null;
        for (var i = 0; i < states.Length; i++)
        {
            if (Keeps(model.Targets[i]))
            {
                if (states[i].Health.At(now) is TargetStanding.Well or TargetStanding.Due)
                {
                    return model.Targets[i];
                }

                first ??= model.Targets[i];
            }
        }

        return first;
    }
}

/// <summary>Who keeps something, and the model by which it is counted.</summary>
internal sealed record KeptTarget(CompiledModel Model, CompiledTarget Target);
