namespace Sluice.Edge.CallLog;

/// <summary>Lets so many through in a second. Two at a time may begin the second; then a few more are let through.</summary>
internal sealed class SecondRoom(TimeProvider time, int most)
{
    private long _second;
    private int _taken;

    private long Second => time.GetTimestamp() / time.TimestampFrequency;

    /// <summary>Whether this second has no room left.</summary>
    public bool IsFull => Volatile.Read(ref _taken) >= most && (most == 0 || Volatile.Read(ref _second) == Second);

    /// <summary>Takes one place of this second; false: there is none.</summary>
    public bool TryTake()
    {
        var second = Second;
        if (Volatile.Read(ref _second) != second)
        {
            Volatile.Write(ref _taken, 0);
            Volatile.Write(ref _second, second);
        }

        return Volatile.Read(ref _taken) < most && Interlocked.Increment(ref _taken) <= most;
    }
}
