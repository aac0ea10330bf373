namespace Sluice.Edge.Metering;

/// <summary>Knows a tighter bound of a request's input than its ask has, at a price: asked only where the ask does not fit.</summary>
public interface ITighterBound
{
    /// <summary>The tighter bound, proven as the first one; null: there is none.</summary>
    ValueTask<long?> TightenAsync(CancellationToken cancellation);
}
