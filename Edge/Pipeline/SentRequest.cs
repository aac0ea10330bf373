using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>What was sent to a target, and so the bounds of what it can have used: turns what is known of the answer into what is to be settled.</summary>
/// <param name="Target"><c>provider/model</c>.</param>
/// <param name="Tighter">Counts its input where the provider told nothing.</param>
internal readonly record struct SentRequest(string Target, long InputBound, long OutputBound, ITighterBound Tighter)
{
    /// <summary>The provider told its usage.</summary>
    public Settlement Told(in TokenCounts usage, UsageSource source, int status) => new(source, usage, Target, status);

    /// <summary>The provider told nothing: what was sent is counted, and a token has at least one byte, so what passed bounds what was made.</summary>
    public async ValueTask<Settlement> GuessAsync(long textBytes, int status)
    {
        if (textBytes == 0)
        {
            return Unknown(status);
        }

        return await CountedAsync(Math.Min(textBytes, OutputBound), status);
    }

    /// <summary>The provider told nothing: what was sent is counted, and of what was made a bound is known.</summary>
    public async ValueTask<Settlement> CountedAsync(long output, int status)
    {
        var input = Math.Min(InputBound, await Tighter.TightenAsync(CancellationToken.None) ?? InputBound);
        return new Settlement(UsageSource.Estimated, new TokenCounts { Input = input, Output = output }, Target, status);
    }

    /// <summary>The provider told what it read and only began to tell what it wrote: what passed bounds that.</summary>
    public async ValueTask<Settlement> BegunAsync(TokenCounts told, long textBytes, int status)
    {
        var guess = await GuessAsync(textBytes, status);
        return guess.Source is UsageSource.Estimated ? guess with { Tokens = told with { Output = Math.Max(told.Output, guess.Tokens.Output) } } : Told(told, UsageSource.Partial, status);
    }

    /// <summary>The gateway cut the answer, for it went beyond what was reserved: the provider's last figure where that says so, else what passed, and not less than was reserved.</summary>
    public async ValueTask<Settlement> CutAsync(TokenCounts? told, long textBytes, long wordEvents, int status)
    {
        if (told is { } usage && usage.Output > OutputBound)
        {
            return Told(usage, UsageSource.Partial, status) with { IsCut = true };
        }

        var guess = await GuessAsync(textBytes, status);
        return guess with { Tokens = (told ?? guess.Tokens) with { Output = Math.Max(OutputBound, wordEvents) }, IsCut = true };
    }

    /// <summary>The gateway cut the answer, for no more of it was covered: what it can have had, and what it can have made until its provider noticed.</summary>
    /// <param name="told">The provider's last figure; null: it told none.</param>
    /// <param name="output">The most output tokens.</param>
    /// <param name="status">What the client saw.</param>
    public async ValueTask<Settlement> CutAsync(TokenCounts? told, long output, int status)
    {
        var known = told is { } usage ? Told(usage, UsageSource.Partial, status) : await GuessAsync(output, status);
        return known with { Tokens = known.Tokens with { Output = output }, IsCut = true };
    }

    /// <summary>Nothing is known: the whole reservation counts.</summary>
    public Settlement Unknown(int status) => new(UsageSource.Reserved, default, Target, status);

    /// <summary>Nothing was used.</summary>
    public Settlement Nothing(int status) => new(UsageSource.None, default, Target, status);
}
