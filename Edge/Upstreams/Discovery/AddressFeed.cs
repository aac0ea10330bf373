using System.Collections.Immutable;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>The addresses that are found of one upstream. What was found last stays until something else is found: that nothing can be found out takes nobody's addresses away.</summary>
/// <param name="changed">Hears of each change, once it can be seen.</param>
internal sealed class AddressFeed(Action changed)
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FoundAddresses _current = FoundAddresses.None;

    /// <summary>All of them; the very same as long as nothing changes.</summary>
    public FoundAddresses Current => Volatile.Read(ref _current);

    /// <summary>Whether anything was found out yet.</summary>
    public bool HasBegun => _first.Task.IsCompleted;

    /// <summary>Waits until something is found out, or a time is over.</summary>
    public async Task BeginAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await _first.Task.WaitAsync(longest, time, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Who waited is told what there is: nothing.
        }
    }

    /// <summary>All that is there now; false: nothing changed.</summary>
    public bool Take(ImmutableArray<FoundAddress> found)
    {
        // One at a time: only the source's own loop comes here.
        var distinct = found.DistinctBy(f => (f.Address, f.Host)).OrderBy(f => f.Address.AbsoluteUri, StringComparer.Ordinal).ToImmutableArray();
        var isNew = !HasBegun || !distinct.SequenceEqual(Current.All);
        if (isNew)
        {
            Volatile.Write(ref _current, new FoundAddresses(distinct));
            _first.TrySetResult();
            changed();
        }

        return isNew;
    }
}
