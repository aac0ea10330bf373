using Sluice.Edge.Caching.Models;
using Sluice.Edge.Deferred;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Kept;
using Sluice.Edge.Metering;
using Sluice.Edge.Targets;
using Sluice.Edge.Tokens;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>What clients ask of models.</summary>
internal enum ModelOperation
{
    Chat,
    Embeddings,

    /// <summary>How many tokens a request for an answer has.</summary>
    CountTokens,

    // From here on what passes through: see PassedCalls.
    Moderations,
    ImageGenerations,
    Speech,

    // From here on bodies are forms.
    Transcriptions,
    AudioTranslations,
    ImageEdits,
    ImageVariations,
}

/// <summary>A request for a model after it was matched.</summary>
/// <param name="InputBound">No provider counts more input tokens than this.</param>
/// <param name="OutputBound">The cap of the answer's tokens as asked for, over all answers.</param>
/// <param name="Kinds">What tokens it may have besides text.</param>
/// <param name="Stream">Whether the answer is to be streamed.</param>
/// <param name="HideUsage">Whether the event with the usage is ours, not the caller's.</param>
internal sealed record ModelCall(ModelOperation Operation, MatchedModel Matched, long InputBound, long OutputBound, TokenKinds Kinds, bool Stream, bool HideUsage) : ITighterBound
{
    private long? _tight;

    /// <summary>What the caller speaks.</summary>
    public required Dialect Client { get; init; }

    /// <summary>What the provider speaks.</summary>
    public required Dialect Provider { get; init; }

    /// <summary>Whether the answer is to be translated.</summary>
    public bool IsTranslated => Client != Provider || Embeddings is { IsTranslated: true };

    /// <summary>The attempts of the request, of which this is one; null: there can be only one.</summary>
    public Trial? Trial { get; init; }

    /// <summary>The form that is sent; null: JSON is.</summary>
    public SentForm? Form { get; init; }

    /// <summary>The pieces of a large body that is sent with a few changes, in place of a copy of it; null: it is sent in one.</summary>
    public ReadOnlyMemory<byte>[]? Pieces { get; init; }

    /// <summary>What was left out of a translated request.</summary>
    public Losses? Losses { get; init; }

    /// <summary>The request in no dialect, where its tokens are to be counted here; null else.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>Whether the caller is to be told the usage of a stream, where it is translated.</summary>
    public bool IncludesUsage { get; init; }

    /// <summary>The ways of a request for embeddings; null: it is none.</summary>
    public EmbeddingsCall? Embeddings { get; init; }

    /// <summary>The body as it came, while the request is served; empty where its input is not counted.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Images in it.</summary>
    public int Images { get; init; }

    /// <summary>The most that it can use besides tokens; of pictures, what is asked for. Null: nothing.</summary>
    public UnitCounts? Units { get; init; }

    /// <summary>Puts the tenant's ids into an answer that else passes as it is; null: it has none.</summary>
    public ResponseSeal? Seal { get; init; }

    /// <summary>What a cache knows it by, and keeps its answer; null: none keeps it.</summary>
    public CacheAsk? CacheAsk { get; init; }

    /// <summary>Whether the answer comes later: what it costs is not told with it.</summary>
    public bool IsBackground { get; init; }

    /// <summary>What is held for an answer that comes later; null: its attempt's own reservation is.</summary>
    public BackgroundHold? Background { get; init; }

    /// <summary>Answers asked for, which share <see cref="OutputBound"/> evenly; 0 where there is no cap of theirs to be lowered.</summary>
    public long Answers { get; init; }

    /// <summary>Where it is counted.</summary>
    public required CountingTurns Turns { get; init; }

    /// <summary>The input's tokens as tightly as they are known. Counted once.</summary>
    public async ValueTask<long?> TightenAsync(CancellationToken cancellation)
    {
        var target = Matched.Target;
        if (_tight is null && !Input.IsEmpty && await Turns.CountAsync(() => new InputCount(target.Vocabulary, target.Images).Bound(Input.Span, Images), cancellation) is { } counted)
        {
            _tight = Math.Min(InputBound, TokenBounds.Input(Matched.Model.Resource, counted, isBounded: true));
        }

        return _tight;
    }
}
