using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// OpenAI's endpoints besides those for answers: routed, metered and authorised like them, but never translated. Only providers of OpenAI's dialect serve them. What is counted
/// where no usage is told: docs/accounting.md.
/// </summary>
internal static class PassedCalls
{
    /// <summary>Whether an operation is one of them.</summary>
    public static bool Are(ModelOperation operation) => operation >= ModelOperation.Moderations;

    /// <summary>Where providers are asked, behind their address.</summary>
    public static string PathOf(ModelOperation operation) => operation switch
    {
        ModelOperation.Moderations => "/moderations",
        ModelOperation.ImageGenerations => "/images/generations",
        ModelOperation.Speech => "/audio/speech",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "It does not pass through."),
    };

    /// <summary>Whether a target can be asked at all.</summary>
    /// <param name="target">The target.</param>
    /// <param name="operation">What for.</param>
    /// <param name="client">What the caller speaks.</param>
    public static bool MayGoTo(CompiledTarget target, ModelOperation operation, Dialect client) => operation switch
    {
        ModelOperation.Chat or ModelOperation.CountTokens => true,
        ModelOperation.Embeddings => DialectTable.Of(target.Provider.Dialect).EmbeddingsPathOf(target.Target.Model, target.Provider.Address) is not null,
        _ => target.Provider.Dialect is ProviderDialect.Openai,
    };

    /// <summary>Why a target cannot be asked.</summary>
    public static ClientError Unfit(in MatchedModel matched, ModelOperation operation)
    {
        var (name, dialect) = (matched.Model.Resource.Name, DialectTable.Of(matched.Target.Provider.Dialect).Name);
        return new ClientError(400, operation is ModelOperation.Embeddings
            ? $"The model '{name}' gives no embeddings: its provider's dialect, {dialect}, has none."
            : $"The model '{name}' is not for /v1{PathOf(operation)}: only providers of the dialect openai serve it, and '{matched.Target.Provider.Name}' is of the dialect {NameOf(matched.Target.Provider.Dialect)}.",
            "invalid_request", "model");
    }

    /// <summary>The request names no model, and the one for such requests is not there.</summary>
    public static ClientError NoDefault() => new(
        400,
        $"'model' is missing, and the model that is taken then, '{Surfaces.ModerationsModel}', does not exist or you do not have access to it. Name one that GET /v1/models lists.",
        "invalid_request",
        "model");

    /// <summary>What an answer used that tells no usage: what was sent is counted, and what can have been made is bounded.</summary>
    public static async ValueTask<Settlement> EstimateAsync(SentRequest sent, int status) =>
        await sent.CountedAsync(sent.OutputBound, status);

    // The sandbox speaks as OpenAI does, and is named as resources name it.
    private static string NameOf(ProviderDialect dialect) => dialect is ProviderDialect.Sandbox ? "sandbox" : DialectTable.Of(dialect).Name;
}
