using Sluice.Edge.Configuration;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class LoadTests
{
    [Fact]
    public async Task Requests_that_begin_and_end_on_many_threads_are_all_counted()
    {
        var load = new Load();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                load.Begin();
                Assert.True(load.InFlight >= 0);
                load.End();
            }
        }, TestContext.Current.CancellationToken)));
        load.Begin();

        Assert.Equal((40_001, 1), (load.Begun, load.InFlight));
    }
}
