using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Rollouts.Evidence;

namespace Sluice.Grains.Effects;

/// <summary>
/// Compares how requests went before and after a revision. Something is worse only beyond what chance explains, by bounds that hold however often one looks, and by at
/// least a percentage point. Plain rules.
/// </summary>
internal static class Comparison
{
    // Over two rates and two bounds each, so that a revision which changes nothing is blamed in one of a hundred cases at most.
    private const double Alpha = 0.01 / 4;
    private const double Worse = 0.01;

    /// <summary>The effect as it stands.</summary>
    public static RevisionEffect Of(OpenEffect effect, bool isOpen) => new(
        effect.Revision,
        effect.Since,
        Side(effect.Before),
        Side(effect.After),
        isOpen,
        (IsWorse(effect, f => f.Errors) ? EffectVerdict.Errors : EffectVerdict.None) | (IsWorse(effect, f => f.Refused) ? EffectVerdict.Refused : EffectVerdict.None));

    private static bool IsWorse(OpenEffect effect, Func<RequestFigures, long> hits) =>
        effect is { Before.Requests: > 0, After.Requests: > 0 }
        && RateBounds.Lower(hits(effect.After), effect.After.Requests, Alpha) > RateBounds.Upper(hits(effect.Before), effect.Before.Requests, Alpha) + Worse;

    private static EffectSide Side(RequestFigures figures) => new(
        figures.Requests, figures.Errors, figures.Refused, figures.Left, At(figures, 0.5), At(figures, 0.99));

    private static TimeSpan? At(RequestFigures figures, double quantile) =>
        QuantileBounds.Value(figures.Duration, quantile) is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;
}
