namespace Sluice.Edge.Metering;

/// <summary>Which level does not cover a request: one of the two indexes is not negative.</summary>
internal readonly record struct Lacking(int Limit, int Budget, RateOutcome Outcome)
{
    /// <summary>A limit that was decided by its share, rather than one without a share or a budget.</summary>
    public bool IsForWantOfRate => Budget < 0 && Outcome.Take is not (Take.Sealed or Take.Cold);
}
