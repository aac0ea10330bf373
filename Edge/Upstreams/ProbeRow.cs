namespace Sluice.Edge.Upstreams;

/// <summary>What the probes of one address say: so many good ones in a row make it well, so many bad ones not. Plain rules; safe for probes that overlap.</summary>
internal sealed class ProbeRow
{
    private readonly Lock _gate = new();
    private int _row;

    /// <summary>A probe ended; null: that changes nothing, else whether the address is well from now on.</summary>
    /// <param name="isGood">How.</param>
    /// <param name="isWell">Whether it counts as well.</param>
    /// <param name="healthy">How many good ones in a row make it well, 1 at least.</param>
    /// <param name="unhealthy">How many bad ones in a row do not, 1 at least.</param>
    public bool? Note(bool isGood, bool isWell, int healthy, int unhealthy)
    {
        lock (_gate)
        {
            if (isGood == isWell)
            {
                _row = 0;
                return null;
            }

            if (++_row < (isGood ? healthy : unhealthy))
            {
                return null;
            }

            _row = 0;
            return isGood;
        }
    }
}
