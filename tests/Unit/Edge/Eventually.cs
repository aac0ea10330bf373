namespace Sluice.Tests.Unit.Edge;

/// <summary>Waits for what other threads bring about.</summary>
public static class Eventually
{
    /// <summary>Fails when the condition does not hold within a minute.</summary>
    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    /// <summary>Fails when the condition does not hold within a minute.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "The condition did not hold in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellation);
        }
    }
}
