using System.Collections.Immutable;

namespace Sluice.Grains.Catalog;

/// <summary>How long each phase of a publish took.</summary>
internal sealed class PhaseTimes(TimeProvider time)
{
    private long _begun = time.GetTimestamp();

    /// <summary>The phases that have ended.</summary>
    public ImmutableDictionary<string, TimeSpan> Ended { get; private set; } = ImmutableDictionary.Create<string, TimeSpan>(StringComparer.Ordinal);

    /// <summary>A phase has ended, and the next begins. One that is gone through again takes longer by that.</summary>
    public void End(string phase)
    {
        var now = time.GetTimestamp();
        Ended = Ended.SetItem(phase, Ended.GetValueOrDefault(phase) + time.GetElapsedTime(_begun, now));
        _begun = now;
    }
}
