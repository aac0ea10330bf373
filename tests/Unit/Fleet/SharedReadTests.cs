using Sluice.Grains.Fleet;

namespace Sluice.Tests.Unit.Fleet;

public sealed class SharedReadTests
{
    [Fact]
    public async Task Who_comes_while_a_read_is_under_way_gets_one_that_began_later()
    {
        await new Turns().RunAsync(async () =>
        {
            var reads = new List<TaskCompletionSource<int>>();
            var shared = new SharedRead<int>(() =>
            {
                reads.Add(new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
                return reads[^1].Task;
            });
            var first = shared.ReadAsync();
            await UntilAsync(() => reads.Count == 1);

            var second = shared.ReadAsync();
            var third = shared.ReadAsync();
            reads[0].SetResult(1);
            await UntilAsync(() => reads.Count == 2);
            reads[1].SetResult(2);

            var values = await Task.WhenAll(first, second, third);
            Assert.Equal([1, 2, 2], values);
            Assert.Equal(2, reads.Count);
        });
    }

    [Fact]
    public async Task A_read_that_fails_does_not_fail_the_next()
    {
        await new Turns().RunAsync(async () =>
        {
            var calls = 0;
            var shared = new SharedRead<int>(() => ++calls == 1 ? Task.FromException<int>(new TimeoutException()) : Task.FromResult(calls));

            await Assert.ThrowsAsync<TimeoutException>(shared.ReadAsync);

            Assert.Equal(2, await shared.ReadAsync());
        });
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>One turn after the other, as a grain's.</summary>
    private sealed class Turns
    {
        private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

        public Task RunAsync(Func<Task> run) => Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.None, _turns).Unwrap();
    }
}
