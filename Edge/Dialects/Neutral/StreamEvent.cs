using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>What a piece of a stream is.</summary>
internal enum StreamEventKind
{
    /// <summary>The answer begins: <see cref="StreamEvent.Id"/>, <see cref="StreamEvent.Name"/> (the model), and what else is known of it. Before all others, once.</summary>
    Start,

    /// <summary><see cref="StreamEvent.Text"/> goes on.</summary>
    Text,

    /// <summary>A refusal's text goes on.</summary>
    Refusal,

    /// <summary>Reasoning's text goes on.</summary>
    Reasoning,

    /// <summary>The signature of the reasoning so far, in pieces.</summary>
    Signature,

    /// <summary>Reasoning that only the provider can read, whole.</summary>
    Redacted,

    /// <summary>A tool is called: <see cref="StreamEvent.Tool"/>, <see cref="StreamEvent.Id"/>, <see cref="StreamEvent.Name"/>.</summary>
    ToolCall,

    /// <summary>The arguments of tool <see cref="StreamEvent.Tool"/> go on, as pieces of JSON text in a string.</summary>
    ToolArguments,

    /// <summary>A source of the text so far.</summary>
    Citation,

    /// <summary>Log probabilities of the last piece, in OpenAI's form.</summary>
    LogProbabilities,

    /// <summary>The text or reasoning so far is one part; what follows is another.</summary>
    PartEnd,

    /// <summary>One answer ended.</summary>
    Stop,

    /// <summary>What was used so far; the last one counts.</summary>
    Usage,

    /// <summary>The provider lives.</summary>
    Ping,

    /// <summary>All is told.</summary>
    End,

    /// <summary>The provider failed: <see cref="StreamEvent.Failure"/>. Nothing follows.</summary>
    Error,
}

/// <summary>A piece of a stream, in no dialect. What it holds of the provider's bytes lives until the next event.</summary>
internal readonly record struct StreamEvent(StreamEventKind Kind)
{
    /// <summary>Which of several answers.</summary>
    public int Candidate { get; init; }

    /// <summary>Which tool of the answer, from 0.</summary>
    public int Tool { get; init; }

    /// <summary>A JSON string.</summary>
    public Json Text { get; init; }

    public Json Id { get; init; }

    public Json Name { get; init; }

    public Json Created { get; init; }

    public Json Fingerprint { get; init; }

    public Citation Citation { get; init; }

    public StopReason Stop { get; init; }

    public Json StopText { get; init; }

    public TokenCounts Usage { get; init; }

    public Failure? Failure { get; init; }
}
