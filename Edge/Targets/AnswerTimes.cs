using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Targets;

/// <summary>The bounds of the waits for one attempt's answer: what the model declares, else what the provider does.</summary>
/// <param name="FirstToken">Until a stream's first event, or a whole answer's first byte.</param>
/// <param name="BetweenTokens">Between two reads.</param>
/// <param name="Whole">Of all attempts together.</param>
internal readonly record struct AnswerTimes(TimeSpan FirstToken, TimeSpan BetweenTokens, TimeSpan Whole)
{
    // Who has another target to go to waits no longer for a stream to begin.
    private static readonly TimeSpan FirstTokenOfSeveral = TimeSpan.FromSeconds(60);

    /// <summary>The bounds of a call.</summary>
    public static AnswerTimes Of(ModelCall call)
    {
        var (model, provider) = (call.Matched.Model, call.Matched.Target.Provider.Timeouts);
        var declared = model.Resource.Timeouts;
        var first = call.Stream && model.Targets.Length > 1 && provider.FirstByte > FirstTokenOfSeveral ? FirstTokenOfSeveral : provider.FirstByte;
        return new AnswerTimes(declared.FirstToken ?? first, declared.BetweenTokens ?? provider.Idle, declared.Whole);
    }
}
