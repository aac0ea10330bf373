namespace Sluice.Tests.Processes;

/// <summary>Waits for a condition, with a bound.</summary>
public static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks again and again until the answer is true.</summary>
    /// <exception cref="TimeoutException">It did not become true; names what was awaited.</exception>
    public static Task TrueAsync(Func<Task<bool>> ask, string what, TimeSpan? bound = null) =>
        GetAsync(async () => await ask() ? "true" : null, what, bound);

    /// <summary>Asks again and again until there is an answer.</summary>
    /// <exception cref="TimeoutException">There was none; names what was awaited.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, TimeSpan? bound = null)
        where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(start) > (bound ?? Bound))
            {
                throw new TimeoutException($"This did not happen in {(bound ?? Bound).TotalSeconds} s: {what}.");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
