namespace Sluice.Grains.Interfaces.Usage;

/// <summary>What one attempt at an upstream used, by kind. Parts are contained in their whole: a price is taken from the whole by what its parts leave.</summary>
/// <param name="Input">All of the input: text, cached or not, written to a cache, images, audio.</param>
/// <param name="CachedRead">The part of the input that was read from a cache.</param>
/// <param name="CacheWrite">The part of the input that was written to a cache.</param>
/// <param name="InputImage">The part of the input that was images, where the provider counts it apart.</param>
/// <param name="InputAudio">The part of the input that was audio.</param>
/// <param name="Output">All that is billed as output.</param>
/// <param name="Reasoning">The part of the output that was reasoning.</param>
/// <param name="OutputAudio">The part of the output that was audio.</param>
[GenerateSerializer, Immutable, Alias("sluice.token-counts")]
public readonly record struct TokenCounts(
    [property: Id(0)] long Input,
    [property: Id(1)] long CachedRead,
    [property: Id(2)] long CacheWrite,
    [property: Id(3)] long InputImage,
    [property: Id(4)] long InputAudio,
    [property: Id(5)] long Output,
    [property: Id(6)] long Reasoning,
    [property: Id(7)] long OutputAudio);
