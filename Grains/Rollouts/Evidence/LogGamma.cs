namespace Sluice.Grains.Rollouts.Evidence;

/// <summary>The logarithm of the gamma function, which the runtime's library has not.</summary>
public static class LogGamma
{
    private const double ShiftTo = 12;

    /// <summary>For values above 0, to about 12 digits: Stirling's series (NIST DLMF 5.11.1) where it is good, and the recurrence 5.5.1 up to there.</summary>
    public static double Of(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x);
        var shift = 0.0;
        for (; x < ShiftTo; x++)
        {
            shift += Math.Log(x);
        }

        var inverse = 1 / x;
        var square = inverse * inverse;
        var series = inverse * ((1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1260) - (square / 1680))))));
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }
}
