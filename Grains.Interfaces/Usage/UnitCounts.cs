namespace Sluice.Grains.Interfaces.Usage;

/// <summary>What one attempt used that providers bill in other units than tokens.</summary>
/// <param name="Pictures">That were made.</param>
/// <param name="Size">Of each of them, such as <c>1024x1024</c>; empty: nobody said.</param>
/// <param name="Quality">Of each of them, such as <c>high</c>; empty: nobody said.</param>
/// <param name="SoundMilliseconds">Of sound that became text.</param>
/// <param name="Characters">Of text that was spoken, as Unicode counts them.</param>
[GenerateSerializer, Immutable, Alias("sluice.unit-counts")]
public sealed record UnitCounts(
    [property: Id(0)] long Pictures, [property: Id(1)] string Size, [property: Id(2)] string Quality, [property: Id(3)] long SoundMilliseconds, [property: Id(4)] long Characters);
