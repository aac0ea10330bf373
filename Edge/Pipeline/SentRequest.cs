using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>What was sent to a target, and so the bounds of what it can have used: turns what is known of the answer into what is to be settled.</summary>
/// <param name="Target"><c>provider/model</c>.</param>
internal readonly record struct SentRequest(string Target, long InputBound, long OutputBound)
{
    /// <summary>The provider told its usage.</summary>
    public Settlement Told(TokenUsage usage, UsageSource source, int status) =>
        new(source, usage.Input, usage.Cached, usage.Output, usage.Reasoning, Target, status);

    /// <summary>The provider told nothing: a token has at least one byte, so what passed bounds what was made.</summary>
    public Settlement Guessed(long textBytes, int status) => textBytes > 0
        ? new(UsageSource.Estimated, InputBound, 0, Math.Min(textBytes, OutputBound), 0, Target, status)
        : Unknown(status);

    /// <summary>Nothing is known: the whole reservation counts.</summary>
    public Settlement Unknown(int status) => new(UsageSource.Reserved, 0, 0, 0, 0, Target, status);

    /// <summary>Nothing was used.</summary>
    public Settlement Nothing(int status) => new(UsageSource.None, 0, 0, 0, 0, Target, status);
}
