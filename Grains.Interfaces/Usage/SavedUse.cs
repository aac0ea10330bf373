namespace Sluice.Grains.Interfaces.Usage;

/// <summary>What requests would have used had they not been given kept answers.</summary>
/// <param name="Answers">Requests that were given one.</param>
/// <param name="Tokens">Input and output together.</param>
/// <param name="Nano">What that would have cost beyond what was charged, in 10⁻⁹ of a US dollar; 0 without a price.</param>
[GenerateSerializer, Immutable, Alias("sluice.saved-use")]
public readonly record struct SavedUse([property: Id(0)] long Answers, [property: Id(1)] long Tokens, [property: Id(2)] long Nano)
{
    /// <summary>Both together.</summary>
    /// <exception cref="OverflowException">The sum has no place in 64 bits.</exception>
    public static SavedUse operator +(SavedUse a, SavedUse b) => checked(new(a.Answers + b.Answers, a.Tokens + b.Tokens, a.Nano + b.Nano));
}
