using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Targets;

/// <summary>Which target is asked, by the strategy and by how each stands.</summary>
internal static class TargetPick
{
    /// <summary>
    /// Of those that are well, or due for a probe, the strategy's choice; then of the ejected, for the last one is never ejected; and, for a first attempt only, the one whose rest ends first.
    /// -1: there is none.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="states">Of its targets.</param>
    /// <param name="among">A bit for each that may be asked.</param>
    /// <param name="basis">What chooses.</param>
    /// <param name="isFirst">Whether nothing was asked for this request yet.</param>
    /// <param name="claims">Whether a probe that is due is taken, rather than looked for.</param>
    public static int Pick(CompiledModel model, TargetState[] states, ulong among, in ChoiceBasis basis, bool isFirst, bool claims)
    {
        var (open, ejected, resting) = (0UL, 0UL, -1);
        for (var i = 0; i < states.Length; i++)
        {
            var bit = among & (1UL << i);
            if (bit == 0)
            {
                continue;
            }

            switch (states[i].Health.At(basis.Now))
            {
                case TargetStanding.Well or TargetStanding.Due:
                    open |= bit;
                    break;
                case TargetStanding.Ejected:
                    ejected |= bit;
                    break;
                default:
                    resting = resting < 0 || states[i].Health.RestsUntil < states[resting].Health.RestsUntil ? i : resting;
                    break;
            }
        }

        while (open != 0 && TargetChoice.Choose(model, states, open, basis) is var index and >= 0)
        {
            if (!claims || states[index].Health.At(basis.Now) is TargetStanding.Well || states[index].Health.TryProbe(basis.Now))
            {
                return index;
            }

            open &= ~(1UL << index);
            ejected |= 1UL << index;
        }

        return ejected != 0 ? TargetChoice.Choose(model, states, ejected, basis) : isFirst ? resting : -1;
    }
}
