namespace Sluice.Grains.Rollouts.Evidence;

/// <summary>
/// A confidence sequence for a rate: with probability 1 − α the true rate lies between the bounds at every moment, so that it may be looked at after each request
/// and stopped at any. It is the mixture sequential probability ratio test of Robbins with a beta mixture over the rate, which is exact for yes-or-no outcomes:
/// the likelihood of what was counted under the mixture, divided by that under the true rate, is a martingale that begins at 1, and by Ville's inequality it ever
/// reaches 1/α with probability α at most. H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41 (1970); R. Johari,
/// P. Koomen, L. Pekelis, D. Walsh, "Always valid inference: continuous monitoring of A/B tests", Oper. Res. 70 (2022), §4; S. Howard, A. Ramdas, J. McAuliffe,
/// J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Ann. Stat. 49 (2021), §3.
/// </summary>
public static class RateBounds
{
    // Jeffreys' prior: it gives small rates their due, and rates of failures are small.
    private const double Prior = 0.5;
    private const int Halvings = 60;

    /// <summary>The greatest rate that <paramref name="hits"/> of <paramref name="trials"/> leave possible.</summary>
    public static double Upper(long hits, long trials, double alpha) => hits >= trials ? 1 : 1 - Lower(trials - hits, trials, alpha);

    /// <summary>The least rate that <paramref name="hits"/> of <paramref name="trials"/> leave possible.</summary>
    public static double Lower(long hits, long trials, double alpha)
    {
        if (hits <= 0)
        {
            return 0;
        }

        var mixture = LogBeta(Prior + hits, Prior + trials - hits) - LogBeta(Prior, Prior);
        var least = -Math.Log(alpha);

        // Below what was counted the evidence against a rate only grows as the rate falls: halving finds where it is enough.
        var (low, high) = (0.0, (double)hits / trials);
        for (var i = 0; i < Halvings; i++)
        {
            var rate = (low + high) / 2;
            var evidence = mixture - (hits * Math.Log(rate)) - (trials == hits ? 0 : (trials - hits) * Math.Log(1 - rate));
            (low, high) = evidence >= least ? (rate, high) : (low, rate);
        }

        return low;
    }

    private static double LogBeta(double a, double b) => LogGamma.Of(a) + LogGamma.Of(b) - LogGamma.Of(a + b);
}
