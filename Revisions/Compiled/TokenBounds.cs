using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>The most tokens that a request for a model can use: what is reserved for it before it is sent. See docs/accounting.md.</summary>
public static class TokenBounds
{
    // Messages cost a few tokens besides their text; the syntax around each is longer than that, and this covers the answer's priming.
    private const long AroundInput = 16;

    /// <summary>What text alone can have: a token has at least one byte.</summary>
    /// <param name="bytes">Of the request's body.</param>
    public static long OfText(long bytes) => bytes + AroundInput;

    /// <summary>The input: no provider reads more than a model's context; of what nothing in the request bounds it may read all of that.</summary>
    /// <param name="model">The model.</param>
    /// <param name="proven">What the request's own content bounds.</param>
    /// <param name="isBounded">False: a part of the request has a number of tokens that its size does not bound.</param>
    public static long Input(ModelResource model, long proven, bool isBounded) => model.ContextTokens is not { } most ? proven
        : !isBounded ? most
        : Math.Min(proven, most);

    /// <summary>The output, over all answers that are asked for.</summary>
    /// <param name="model">The model.</param>
    /// <param name="asked">The request's own cap; null: it has none.</param>
    /// <param name="answers">How many answers it asks for.</param>
    public static long Output(ModelResource model, long? asked, long answers) => (asked ?? model.MaxOutputTokens) * answers;

    /// <summary>What one picture that is made can have, with its previews: the dearest known, of gpt-image-1 in high quality, has 6,240 and 100 for each of three previews.</summary>
    public const long DearestPicture = 8_192;

    /// <summary>The slowest that speech is asked for, of its usual speed.</summary>
    public const decimal SlowestSpeech = 0.25m;

    // No provider counts more, and no format in use needs less than 750 bytes a second.
    private const int TokensPerSecond = 32;
    private const int SoundBytesPerToken = 15;

    // No voice needs more than half a second for a byte of text.
    private const int TokensPerSpokenByte = TokensPerSecond / 2;

    // The most of a prompt that whisper reads beside the sound.
    private const int PromptOfSound = 224;

    /// <summary>What sound can have.</summary>
    /// <param name="bytes">Of the sound in its format.</param>
    public static long OfSound(long bytes) => (bytes / SoundBytesPerToken) + 1;

    /// <summary>What sound and a prompt beside it can have.</summary>
    /// <param name="seconds">How long the sound is, from 0 to a year.</param>
    public static long OfHeard(decimal seconds) => (long)Math.Ceiling(seconds * TokensPerSecond) + PromptOfSound;

    /// <summary>What text can have when it is spoken.</summary>
    /// <param name="bytes">Of the text.</param>
    /// <param name="speed">Of its usual speed, from <see cref="SlowestSpeech"/> to 1.</param>
    public static long OfSpeech(long bytes, decimal speed) => (long)Math.Ceiling(((bytes * TokensPerSpokenByte) + 1) / speed);
}
