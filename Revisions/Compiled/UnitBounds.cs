using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Revisions.Compiled;

/// <summary>The most that a request can have of what is billed in units of its own: what is reserved for it besides tokens. See docs/prices.md.</summary>
public static class UnitBounds
{
    private const int Second = 1_000;

    // No format in use needs less for a second; and providers round up to one.
    private const int LeastBytesInSecond = 750;

    /// <summary>So many pictures. What is named <c>auto</c> is not named.</summary>
    public static UnitCounts Pictures(long count, string? size, string? quality) => new(count, Named(size), Named(quality), 0, 0);

    /// <summary>Sound of which only the bytes are known: the longest that it can be.</summary>
    public static UnitCounts Sound(long bytes) => new(0, "", "", ((bytes * Second) / LeastBytesInSecond) + Second, 0);

    /// <summary>Sound whose length is known.</summary>
    /// <param name="seconds">From 0 to a year.</param>
    public static UnitCounts Heard(decimal seconds) => new(0, "", "", (long)Math.Ceiling(seconds * Second), 0);

    /// <summary>So many spoken characters.</summary>
    public static UnitCounts Speech(long characters) => new(0, "", "", 0, characters);

    /// <summary>A size or quality, or nothing where the word names none.</summary>
    public static string Named(string? word) => word is null or "auto" or "null" ? "" : word;
}
