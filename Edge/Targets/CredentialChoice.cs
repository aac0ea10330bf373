using Sluice.Edge.Configuration;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>Which of a provider's credentials an attempt uses. Plain rules, on what is given.</summary>
internal static class CredentialChoice
{
    /// <summary>The index of the one to use: of those that do not rest; where all do, of the one whose rest ends first.</summary>
    public static int Choose(ProviderCredentials credentials, ReadOnlySpan<TargetState> states, CredentialRotation rotation, double draw, TimeSpan now)
    {
        var (first, best, bestScore) = (0, -1, double.PositiveInfinity);
        var sum = 0L;
        for (var i = 0; i < states.Length; i++)
        {
            var rests = states[i].Health.RestsUntil;
            first = rests < states[first].Health.RestsUntil ? i : first;
            if (rests > now)
            {
                continue;
            }

            sum += credentials.Weights[i];
            var score = states[i].UseAt(now);
            if (score < bestScore)
            {
                (best, bestScore) = (i, score);
            }
        }

        return best < 0 ? first : rotation is CredentialRotation.LeastUsed ? best : ByWeight(credentials, states, (long)(draw * sum), now);
    }

    /// <summary>When the first of them may be used again; in the past: one may be used now.</summary>
    public static TimeSpan SoonestOf(ReadOnlySpan<TargetState> states)
    {
        var soonest = TimeSpan.MaxValue;
        foreach (var state in states)
        {
            soonest = state.Health.RestsUntil < soonest ? state.Health.RestsUntil : soonest;
        }

        return soonest;
    }

    private static int ByWeight(ProviderCredentials credentials, ReadOnlySpan<TargetState> states, long point, TimeSpan now)
    {
        var chosen = 0;
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i].Health.RestsUntil > now)
            {
                continue;
            }

            chosen = i;
            if (point < credentials.Weights[i])
            {
                break;
            }

            point -= credentials.Weights[i];
        }

        return chosen;
    }
}
