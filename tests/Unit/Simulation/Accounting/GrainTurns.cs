namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>One call after the other, as a grain that is not reentrant takes them.</summary>
internal sealed class GrainTurns
{
    private Task _turn = Task.CompletedTask;

    /// <summary>Acts when all calls from before have ended.</summary>
    public async Task<T?> RunAsync<T>(Func<Task<T?>> act)
        where T : class
    {
        var (before, end) = (_turn, new TaskCompletionSource());
        _turn = end.Task;
        await before;
        try
        {
            return await act();
        }
        finally
        {
            end.SetResult();
        }
    }
}
