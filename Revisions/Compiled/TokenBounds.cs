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
}
