namespace Sluice.Grains;

/// <summary>
/// A grain's stored state that many change at once: what comes while one write is on its way is written together by the next, so that many changes cost few writes. A
/// change that was answered is durable. For use within one reentrant grain's turns.
/// </summary>
internal sealed class Gathered<T>(Durable<T> stored)
    where T : class
{
    private T? _next;
    private Task? _write;
    private long _taken;
    private long _written;

    /// <summary>As stored.</summary>
    public T Value => stored.Value;

    /// <summary>Makes a change; when this returns it is on the disk.</summary>
    /// <param name="change">The state after it; the same object where it changes nothing.</param>
    public async Task ChangeAsync(Func<T, T> change)
    {
        // A change that was made before may not be on the disk yet: its repeat waits as the first one does.
        var before = _next ?? stored.Value;
        var after = change(before);
        if (!ReferenceEquals(before, after))
        {
            (_next, _taken) = (after, _taken + 1);
        }

        for (var mine = _taken; _written < mine;)
        {
            await (_write ??= WriteAsync());
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            // Others that arrive in this turn are written with it.
            await Task.Yield();
            var (taken, next) = (_taken, _next!);
            await stored.WriteAsync(next);
            _written = taken;
        }
        finally
        {
            _write = null;
        }
    }
}
