namespace Sluice.Tests.Chaos.Network;

/// <summary>What becomes of the bytes that one process sends to another: they pass, come late, or are held back until it is healed, as a network that lost its way keeps them with the sender.</summary>
internal sealed class Flow
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _held;
    private long _delayTicks;

    /// <summary>How late they come.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));
        set => Volatile.Write(ref _delayTicks, value.Ticks);
    }

    /// <summary>Nothing passes from now on.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>All passes, and at once; what was held back too.</summary>
    public void Heal()
    {
        TaskCompletionSource? held;
        lock (_gate)
        {
            (held, _held) = (_held, null);
        }

        Delay = TimeSpan.Zero;
        held?.TrySetResult();
    }

    /// <summary>Ends when bytes may pass.</summary>
    public async Task PassAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task held;
            lock (_gate)
            {
                if (_held is null)
                {
                    return;
                }

                held = _held.Task;
            }

            await held.WaitAsync(cancellation);
        }
    }
}
