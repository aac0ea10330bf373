namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// A request for an answer, in no dialect: what each dialect's reader makes of a body and each dialect's writer makes a body of. A field without a value was not given.
/// Fields that only one dialect has are <see cref="Extras"/>.
/// </summary>
internal sealed class Conversation
{
    /// <summary>The name that the provider is to read.</summary>
    public Json Model { get; set; }

    /// <summary>System, user and assistant in the order in which they were said.</summary>
    public List<Turn> Turns { get; } = [];

    public List<Tool> Tools { get; } = [];

    public ToolChoice ToolChoice { get; set; }

    /// <summary>Whether several tools may be called at once.</summary>
    public bool? ParallelTools { get; set; }

    public OutputFormat Format { get; set; }

    public Json Temperature { get; set; }

    public Json TopP { get; set; }

    public Json TopK { get; set; }

    public Json FrequencyPenalty { get; set; }

    public Json PresencePenalty { get; set; }

    public Json Seed { get; set; }

    /// <summary>The most tokens of each answer, those of reasoning among them.</summary>
    public long? MaxTokens { get; set; }

    /// <summary>How many answers; where it stands, or nothing.</summary>
    public Json Answers { get; set; }

    /// <summary>Texts that end the answer.</summary>
    public List<Json> Stop { get; } = [];

    /// <summary>Adds one; null in a list is none.</summary>
    /// <exception cref="DialectFaultException">It is not a string.</exception>
    public void AddStop(Json text)
    {
        if (!text.IsNothing)
        {
            Stop.Add(text.Text());
        }
    }

    public ReasoningWish Reasoning { get; set; }

    /// <summary>Whether log probabilities are to be told: the field that says so, or nothing.</summary>
    public Json LogProbabilities { get; set; }

    /// <summary>How many alternatives of each token.</summary>
    public Json TopLogProbabilities { get; set; }

    public bool Stream { get; set; }

    /// <summary>Whether the caller asked for usage in the stream, or its dialect always tells it.</summary>
    public bool IncludeUsage { get; set; }

    /// <summary>A name for the end user.</summary>
    public Json User { get; set; }

    /// <summary>Fields that have no counterpart here.</summary>
    public List<Extra> Extras { get; } = [];
}

/// <summary>Who says something.</summary>
internal enum Role
{
    System,
    User,
    Assistant,
}

/// <summary>What one says at once. Results of tools are the user's.</summary>
internal sealed class Turn(Role role)
{
    public Role Role { get; } = role;

    public List<ContentPart> Parts { get; } = [];

    /// <summary>A name for who says it, or nothing.</summary>
    public Json Name { get; set; }

    /// <summary>Fields of it that have no counterpart here; null where there are none.</summary>
    public List<Json>? Others { get; set; }
}

/// <summary>A function that may be called.</summary>
/// <param name="Parameters">A JSON schema, or nothing.</param>
/// <param name="Strict">Whether its input must follow the schema.</param>
internal sealed record Tool(Json Name, Json Description, Json Parameters, Json Strict, Json CacheControl)
{
    /// <summary>The parameters for a dialect that asks for a schema: of an object without fields where nothing is said.</summary>
    public Json Schema => Parameters.IsNothing ? JsonText.EmptySchema : Parameters;
}

/// <summary>Whether tools are to be called.</summary>
internal enum ToolUse
{
    NotSaid,
    Auto,
    None,
    Any,
    One,
}

/// <param name="Name">Of the one that is to be called.</param>
internal readonly record struct ToolChoice(ToolUse Use, Json Name);

/// <summary>What form the answer's text must have.</summary>
internal enum OutputForm
{
    Text,
    Json,
    Schema,
}

/// <param name="Origin">Where it was asked for.</param>
internal readonly record struct OutputFormat(OutputForm Form, Json Name, Json Description, Json Schema, Json Strict, Json Origin);

/// <summary>Whether and how long to reason before answering.</summary>
internal enum ReasoningMode
{
    NotSaid,
    Off,

    /// <summary>Up to a budget of tokens.</summary>
    Budget,

    /// <summary>As the model thinks best.</summary>
    Adaptive,
}

/// <param name="Effort">A word, as <c>low</c>, or nothing.</param>
/// <param name="Budget">In tokens.</param>
/// <param name="Origin">Where the mode was asked for.</param>
internal readonly record struct ReasoningWish(ReasoningMode Mode, Json Effort, long? Budget, Json Origin);

/// <summary>A field of one dialect only.</summary>
/// <param name="Refused">Why no answer without it is the one that was asked for; null: it is left out with a warning.</param>
internal readonly record struct Extra(Json Value, string? Refused);
