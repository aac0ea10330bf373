namespace Sluice.Grains.Usage.Results;

/// <summary>Where the true value lies, with 95 % confidence.</summary>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>The 97.5th percentile of the normal distribution.</summary>
    public const double Z = 1.959963984540054;

    /// <summary>Around a middle.</summary>
    internal static Interval Around(double middle, double half, double least, double most) => new(Math.Max(least, middle - half), Math.Min(most, middle + half));

    /// <summary>The 97.5th percentile of Student's t, by its expansion at the normal one (Abramowitz and Stegun, 26.7.5): within 0.01 from 4 degrees of freedom on.</summary>
    internal static double StudentT(double degrees)
    {
        var (z, z2) = (Z, Z * Z);
        var first = z * (z2 + 1) / 4;
        var second = z * ((((5 * z2) + 16) * z2) + 3) / 96;
        var third = z * ((((((3 * z2) + 19) * z2) + 17) * z2) - 15) / 384;
        return z + ((first + ((second + (third / degrees)) / degrees)) / degrees);
    }
}
