namespace Sluice.Grains.Fleet;

/// <summary>
/// Lets those who wait at one moment share a read, and promises each that it began after they asked: who comes while a read is under way
/// waits for the next one. For use within one grain's turns.
/// </summary>
/// <param name="read">The read.</param>
public sealed class SharedRead<T>(Func<Task<T>> read)
{
    private Task<T>? _running;
    private Task<T>? _next;

    /// <summary>The value, by a read that begins after this call.</summary>
    public Task<T> ReadAsync() => _next ??= RunAfterAsync(_running);

    private async Task<T> RunAfterAsync(Task<T>? before)
    {
        // Gives way even when nothing is under way, so that _next is set before it is taken on.
        await Task.Yield();
        if (before is not null)
        {
            await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }

        _running = _next;
        _next = null;
        return await read();
    }
}
