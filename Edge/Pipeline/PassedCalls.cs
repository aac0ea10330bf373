using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
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

    /// <summary>Whether its body is a form, with files.</summary>
    public static bool TakesForm(ModelOperation operation) => operation >= ModelOperation.Transcriptions;

    /// <summary>Whether its answer has pictures.</summary>
    public static bool GivesPictures(ModelOperation operation) => operation is ModelOperation.ImageGenerations or ModelOperation.ImageEdits or ModelOperation.ImageVariations;

    /// <summary>Whether sound becomes text by it.</summary>
    public static bool TakesSound(ModelOperation operation) => operation is ModelOperation.Transcriptions or ModelOperation.AudioTranslations;

    /// <summary>The most tokens that an answer can have; 0 for what only reads.</summary>
    /// <param name="operation">What is asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="scan">What is known of the request.</param>
    public static long OutputBound(ModelOperation operation, ModelResource model, in RequestScan scan)
    {
        var bound = Are(operation) ? TokenBounds.Output(model, scan.MaxTokens, scan.Answers) : 0;
        return TakesSound(operation) && model.ContextTokens is { } most ? Math.Min(bound, most) : bound;
    }

    /// <summary>Where providers are asked, behind their address.</summary>
    public static string PathOf(ModelOperation operation) => operation switch
    {
        ModelOperation.Moderations => "/moderations",
        ModelOperation.ImageGenerations => "/images/generations",
        ModelOperation.Speech => "/audio/speech",
        ModelOperation.Transcriptions => "/audio/transcriptions",
        ModelOperation.AudioTranslations => "/audio/translations",
        ModelOperation.ImageEdits => "/images/edits",
        ModelOperation.ImageVariations => "/images/variations",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "It does not pass through."),
    };

    /// <summary>Whether a target can be asked at all.</summary>
    /// <param name="target">The target.</param>
    /// <param name="operation">What for.</param>
    public static bool MayGoTo(CompiledTarget target, ModelOperation operation) => operation switch
    {
        ModelOperation.Chat or ModelOperation.CountTokens => true,
        ModelOperation.Embeddings => DialectTable.Of(target.Provider.Dialect).Embeddings is not null,
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
        404,
        $"'model' is missing, and the model that is taken then, '{Surfaces.ModerationsModel}', does not exist or you do not have access to it. Name one that GET /v1/models lists.",
        "model_not_found",
        "model");

    /// <summary>What an answer used that tells no usage: what was sent is counted, and what can have been made is bounded.</summary>
    /// <param name="operation">What was asked for.</param>
    /// <param name="sent">With its bounds.</param>
    /// <param name="answer">The whole answer.</param>
    /// <param name="status">What the client sees.</param>
    /// <param name="units">The most that it can have used besides tokens.</param>
    public static async ValueTask<Settlement> EstimateAsync(ModelOperation operation, SentRequest sent, ReadOnlyMemory<byte> answer, int status, UnitCounts? units)
    {
        units = PassedUnits.Told(operation, units, answer.Span);
        if (!TakesSound(operation))
        {
            return (await sent.CountedAsync(sent.OutputBound, status)) with { Units = units };
        }

        // A token of text has at least one byte. All that was sent is taken for sound, which is dearer.
        var counted = await sent.CountedAsync(Math.Min(answer.Length, sent.OutputBound), status);
        var input = SoundLength.Read(answer.Span) is { } seconds ? Math.Min(sent.InputBound, TokenBounds.OfHeard(seconds)) : counted.Tokens.Input;
        return counted with { Tokens = counted.Tokens with { Input = input, InputAudio = input }, Units = units };
    }

    // The sandbox speaks as OpenAI does, and is named as resources name it.
    private static string NameOf(ProviderDialect dialect) => dialect is ProviderDialect.Sandbox ? "sandbox" : DialectTable.Of(dialect).Name;
}
