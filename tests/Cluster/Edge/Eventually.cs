namespace Sluice.Tests.Cluster.Edge;

/// <summary>Waits for what other threads bring about.</summary>
public static class Eventually
{
    /// <summary>Fails when the condition does not hold within twenty seconds.</summary>
    public static async Task HoldsAsync(Func<bool> condition)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "The condition did not hold in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellation);
        }
    }

    /// <summary>Fails when the condition does not hold within twenty seconds.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "The condition did not hold in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
