namespace Sluice.Edge.Caching;

/// <summary>How long one request waits for others that ask for the same: a time over all of them, and none any more once one of them brought nothing for it.</summary>
/// <param name="bound">The time.</param>
/// <param name="time">The clock.</param>
internal sealed class Patience(TimeSpan bound, TimeProvider time)
{
    private readonly long _begun = time.GetTimestamp();
    private bool _isOver = bound <= TimeSpan.Zero;

    /// <summary>Whether it has waited.</summary>
    public bool HasWaited { get; private set; }

    /// <summary>Whether it waits for another, or is waited for.</summary>
    public bool IsLeft => !_isOver;

    /// <summary>Waits for another request. After one whose client left, the next one may be waited for.</summary>
    public async Task WaitAsync(UnderWay.Lead other, CancellationToken aborted)
    {
        HasWaited = true;
        var left = bound - time.GetElapsedTime(_begun);
        _isOver = left <= TimeSpan.Zero || await other.WaitAsync(left, time, aborted) is not LeadEnd.Left;
    }
}
