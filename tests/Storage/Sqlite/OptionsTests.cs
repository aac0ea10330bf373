using Orleans.Runtime;
using Orleans.TestingHost;
using Sluice.Storage.Sqlite;

namespace Sluice.Tests.Storage.Sqlite;

public sealed class OptionsTests
{
    [Fact]
    public async Task A_silo_with_wrong_options_does_not_start_and_names_all_that_is_wrong()
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.ConfigureSilo((_, silo) => silo.AddSqliteGrainStorage("Default", options => options.Configure(o =>
        {
            o.Readers = 0;
            o.BusyTimeout = TimeSpan.Zero;
        })));
        await using var cluster = builder.Build();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => cluster.DeployAsync(TestContext.Current.CancellationToken));

        var wrong = Assert.IsType<OrleansConfigurationException>(error.GetBaseException());
        Assert.Contains("Path", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("BusyTimeout", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Readers", wrong.Message, StringComparison.Ordinal);
    }
}
