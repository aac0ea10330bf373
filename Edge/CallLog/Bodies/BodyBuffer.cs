using System.Collections.Concurrent;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>Bodies that wait to be brought to where they rest. It promises that no request waits for it and that they take no more memory than they may: what finds no room is dropped and counted. See docs/calls.md.</summary>
internal sealed class BodyBuffer(EdgeOptions options)
{
    private readonly ConcurrentQueue<BodyTap> _taps = new();
    private readonly long _most = (long)options.CallBodies << 20;
    private long _taken;
    private long _logged;
    private long _full;
    private long _refused;

    /// <summary>Calls whose bodies rest.</summary>
    public long Logged => Interlocked.Read(ref _logged);

    /// <summary>Calls for whose bodies there was no room here.</summary>
    public long Full => Interlocked.Read(ref _full);

    /// <summary>Calls whose bodies no silo took, or of whose tenant as many are kept as may be.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Takes room for what will come of a call; false: there is none, which counts.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _most)
        {
            return true;
        }

        Interlocked.Add(ref _taken, -bytes);
        Interlocked.Increment(ref _full);
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Leave(long bytes) => Interlocked.Add(ref _taken, -bytes);

    /// <summary>A call has ended.</summary>
    public void Add(BodyTap tap) => _taps.Enqueue(tap);

    /// <summary>The call that has waited longest; false: none waits.</summary>
    public bool TryNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out BodyTap? tap) => _taps.TryDequeue(out tap);

    /// <summary>Calls were brought, or given up.</summary>
    public void Count(int calls, bool isLogged) => Interlocked.Add(ref isLogged ? ref _logged : ref _refused, calls);
}
