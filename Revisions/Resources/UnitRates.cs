using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>What is billed in other units than tokens costs, in 10⁻⁹ of the currency.</summary>
/// <param name="Picture">A picture that no entry of <paramref name="Pictures"/> fits, and one of whose size and quality nobody said anything.</param>
/// <param name="Pictures">Pictures of some size or quality, the most special first.</param>
/// <param name="Minute">A minute of sound that becomes text.</param>
/// <param name="Characters">A million characters of text that is spoken.</param>
public sealed record UnitRates(long Picture, ImmutableArray<PictureRate> Pictures, long Minute, long Characters)
{
    /// <summary>Such units cost nothing.</summary>
    public static UnitRates None { get; } = new(0, [], 0, 0);

    /// <summary>What a picture costs of which this was told; empty: nothing was.</summary>
    public long PictureOf(string size, string quality)
    {
        foreach (var rate in Pictures)
        {
            if (rate.Is(size, quality))
            {
                return rate.Nano;
            }
        }

        return Picture;
    }

    /// <summary>The most that a picture can cost for which this was asked: what was not, the provider chooses.</summary>
    public long DearestPictureOf(string size, string quality)
    {
        var dearest = PictureOf(size, quality);
        foreach (var rate in Pictures)
        {
            dearest = rate.MayBe(size, quality) ? Math.Max(dearest, rate.Nano) : dearest;
        }

        return size.Length == 0 || quality.Length == 0 ? Math.Max(dearest, Picture) : dearest;
    }

    public bool Equals(UnitRates? other) =>
        other is not null && Picture == other.Picture && Minute == other.Minute && Characters == other.Characters && Pictures.AsSpan().SequenceEqual(other.Pictures.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Picture, Pictures.Length, Minute, Characters);
}

/// <summary>What a picture of a size or quality costs.</summary>
/// <param name="Size">Null: of any.</param>
/// <param name="Quality">Null: of any.</param>
public sealed record PictureRate(string? Size, string? Quality, long Nano)
{
    /// <summary>Whether it is for a picture of which this is known.</summary>
    internal bool Is(string size, string quality) =>
        (Size is null || string.Equals(Size, size, StringComparison.Ordinal)) && (Quality is null || string.Equals(Quality, quality, StringComparison.Ordinal));

    /// <summary>Whether it is for a picture that could come of what was asked.</summary>
    internal bool MayBe(string size, string quality) => Is(size.Length == 0 ? Size ?? "" : size, quality.Length == 0 ? Quality ?? "" : quality);
}
