using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>The word by which OpenAI's models are told how long to reason.</summary>
internal static class ReasoningEffort
{
    // Of what a budget of reasoning becomes a word, in tokens.
    private const long LowBudget = 2048;
    private const long MediumBudget = 8192;

    /// <summary>The word, or nothing.</summary>
    public static Json Of(in ReasoningWish wish, Losses losses)
    {
        if (wish.Effort.Is("max"u8))
        {
            losses.Add(wish.Effort, "OpenAI's dialect knows no more than xhigh");
            return Json.OfPlain("xhigh"u8);
        }

        if (wish.Mode is ReasoningMode.Adaptive && !wish.Effort.IsString)
        {
            losses.Add(wish.Origin, "OpenAI's models reason as they think best where nothing is asked");
            return default;
        }

        if (wish.Effort.IsString || wish.Mode is not ReasoningMode.Budget)
        {
            return wish.Effort;
        }

        losses.Add(wish.Origin, "OpenAI's dialect has no budget for reasoning, sent as reasoning_effort");
        return Json.OfPlain(wish.Budget <= LowBudget ? "low"u8 : wish.Budget <= MediumBudget ? "medium"u8 : "high"u8);
    }
}
