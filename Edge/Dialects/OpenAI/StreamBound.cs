namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// What a stream may have before it is cut. A provider that keeps to its cap is never beyond it: what was not told is judged only where words are more than any vocabulary makes of so
/// many tokens. See docs/accounting.md, "Streams".
/// </summary>
/// <param name="Tokens">The most output tokens, over all answers; at least 1.</param>
/// <param name="Answers">How many answers were asked for.</param>
internal readonly record struct StreamBound(long Tokens, long Answers)
{
    // Of text in any language a token has less in the mean; some streams have an event for each letter, so that events alone say nothing.
    private const int ManyBytes = 8;

    // A token of blanks may have as many, and no text consists of those alone.
    private const int MostBytes = 64;

    /// <summary>Answers whose end is known one by one.</summary>
    public const int MostAnswers = 128;

    /// <summary>Bytes of words that need no further look.</summary>
    public long UnjudgedBytes => Times(ManyBytes);

    /// <summary>Whether the words that passed are surely more than the tokens.</summary>
    /// <param name="wordBytes">Bytes of words.</param>
    /// <param name="events">Events that had some.</param>
    public bool IsPassedBy(long wordBytes, long events) => (wordBytes > Times(ManyBytes) && events > Tokens) || wordBytes > Times(MostBytes);

    /// <summary>Whether nothing more is to come.</summary>
    public bool AreAllFinished(UInt128 finished) => (long)UInt128.PopCount(finished) >= Math.Min(Answers, MostAnswers);

    private long Times(int bytes) => Tokens > long.MaxValue / bytes ? long.MaxValue : Tokens * bytes;
}
