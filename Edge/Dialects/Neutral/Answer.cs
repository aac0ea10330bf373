using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A whole answer, in no dialect.</summary>
internal sealed class Answer
{
    public Json Id { get; set; }

    public Json Model { get; set; }

    /// <summary>Seconds since 1970, or nothing.</summary>
    public Json Created { get; set; }

    public Json Fingerprint { get; set; }

    public Json ServiceTier { get; set; }

    public List<Candidate> Candidates { get; } = [];

    public TokenCounts? Usage { get; set; }
}

/// <summary>One of the answers that were asked for.</summary>
internal sealed class Candidate
{
    public long Index { get; set; }

    public List<ContentPart> Parts { get; } = [];

    public StopReason Stop { get; set; }

    /// <summary>The text that ended it, or nothing.</summary>
    public Json StopText { get; set; }

    public Json LogProbabilities { get; set; }
}

/// <summary>Why an answer ended.</summary>
internal enum StopReason
{
    NotSaid,

    /// <summary>It was said.</summary>
    End,

    /// <summary>One of the caller's texts came.</summary>
    StopText,

    /// <summary>The cap, or the model's context, was reached.</summary>
    Length,

    /// <summary>A tool is to be called.</summary>
    Tools,

    /// <summary>It was held back, or the model would not go on.</summary>
    Filtered,

    /// <summary>The provider paused; it goes on when it is sent what it said.</summary>
    Paused,
}
