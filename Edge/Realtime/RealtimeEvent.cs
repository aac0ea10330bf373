using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Realtime;

/// <summary>What an event of the provider tells of a response, or of a transcription.</summary>
/// <param name="Kind">Whether one begins or ends.</param>
/// <param name="Usage">What it used; null: it was not told.</param>
/// <param name="HasFailed">The provider says that it made none.</param>
internal readonly record struct RealtimeEvent(RealtimeEventKind Kind, TokenCounts? Usage, bool HasFailed)
{
    /// <summary>How long what was transcribed is, where that is told in place of tokens.</summary>
    public decimal? Seconds { get; init; }

    /// <summary>Of a transcription how many bytes its event has; else 0.</summary>
    public long Bytes { get; init; }
}

/// <summary>Kinds of events, as far as they concern what is charged.</summary>
internal enum RealtimeEventKind
{
    /// <summary>All others.</summary>
    Other,

    /// <summary><c>response.created</c></summary>
    Created,

    /// <summary><c>response.done</c></summary>
    Done,

    /// <summary><c>conversation.item.input_audio_transcription.completed</c></summary>
    Transcribed,
}
