using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orders;
using Sluice.Configuration;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Settings;

/// <summary>The configuration provider in a host, as the sample has it: its database moves while it runs.</summary>
public sealed class ProviderTests
{
    [Fact]
    public async Task A_service_whose_database_moves_goes_on_over_a_restart_of_Sluice()
    {
        await using var sluice = await RestartableSluice.CreateAsync();
        var (old, moved) = (sluice.CreateDatabase("old.db", "from the old one"), sluice.CreateDatabase("new.db", "from the new one"));
        await sluice.MoveToAsync(old);
        var failures = new ConcurrentQueue<Exception>();
        using var host = Build(Options(sluice) with { OnFailure = failures.Enqueue });
        await host.StartAsync();
        var (orders, database) = (host.Services.GetRequiredService<OrderStore>(), host.Services.GetRequiredService<IOptionsMonitor<DatabaseOptions>>());
        var told = new ConcurrentQueue<string>();
        using var listening = database.OnChange(o => told.Enqueue(o.Path));
        Assert.Equal(["from the old one"], orders.List());

        await sluice.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!failures.IsEmpty), "the provider says that Sluice is away");
        Assert.Equal(["from the old one"], orders.List());
        await sluice.StartAsync();
        await sluice.MoveToAsync(moved);

        await Eventually.TrueAsync(() => Task.FromResult(string.Equals(database.CurrentValue.Path, moved, StringComparison.Ordinal)), "the options name the new database");
        Assert.Equal(["from the new one"], orders.List());
        Assert.Equal([moved], told);
        Assert.DoesNotContain(failures, f => f.ToString().Contains(sluice.Key, StringComparison.Ordinal));
        await host.StopAsync();
    }

    [Fact]
    public async Task Without_Sluice_a_start_takes_the_last_good_settings_or_fails_or_goes_without_as_it_was_told()
    {
        await using var sluice = await RestartableSluice.CreateAsync();
        var moved = sluice.CreateDatabase("new.db", "from the new one");
        await sluice.MoveToAsync(sluice.PathOf("old.db"));
        var cached = Options(sluice) with { CacheFile = sluice.PathOf("cache.json") };
        using (var host = Build(cached))
        {
            Assert.Equal(sluice.PathOf("old.db"), host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value.Path);
        }

        FileModes.AssertMode(sluice.PathOf("cache.json"), "600");
        await sluice.StopAsync();

        var failure = Assert.Throws<SettingsUnavailableException>(() => Build(Options(sluice)));
        Assert.Contains("The settings of orders could not be loaded", failure.Message, StringComparison.Ordinal);
        var other = Assert.Throws<SettingsUnavailableException>(() => Build(cached with { App = "another" }));
        Assert.Contains("The settings of another could not be loaded", other.Message, StringComparison.Ordinal);
        using var fromCache = Build(cached);
        using var without = Build(Options(sluice) with { Optional = true });
        Assert.Equal(sluice.PathOf("old.db"), Path(fromCache));
        Assert.Equal("", Path(without));

        await sluice.StartAsync();
        await sluice.MoveToAsync(moved);
        await Eventually.TrueAsync(
            () => Task.FromResult(new[] { fromCache, without }.All(h => string.Equals(Path(h), moved, StringComparison.Ordinal))), "both have caught up");

        static string Path(IHost host) => host.Services.GetRequiredService<IOptionsMonitor<DatabaseOptions>>().CurrentValue.Path;
    }

    [Fact]
    public async Task Flags_stand_in_a_section_of_their_own_and_lists_by_their_index_and_any_address_serves()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.Admin.ApplyAsync("""
            kind: Setting
            name: lists
            app: lists
            profile: Production
            values: { hosts: [a, b], Logging: { LogLevel: { Microsoft.AspNetCore: Warning } }, on: true, ratio: 0.50 }
            ---
            kind: Flag
            name: new-checkout
            default: true
            """);

        var configuration = new ConfigurationBuilder()
            .AddSluice(new SluiceConfigurationOptions { Addresses = [new Uri("http://127.0.0.1:1"), gateway.Sluice.Admin], Key = gateway.AdminKey, App = "lists", Profiles = ["Production"] })
            .Build();
        using var disposed = (IDisposable)configuration;

        Assert.Equal(["a", "b"], configuration.GetSection("hosts").Get<string[]>()!);
        Assert.Equal("Warning", configuration["Logging:LogLevel:Microsoft.AspNetCore"]);
        Assert.Equal("0.50", configuration["ratio"]);
        Assert.True(configuration.GetValue<bool>("on"));
        Assert.True(configuration.GetValue<bool>("Flags:new-checkout"));
    }

    [Theory]
    [InlineData("ftp://here", "key", "Addresses must begin with http:// or https://")]
    [InlineData("http://127.0.0.1:1", " ", "Key must be an admin key")]
    public void A_wrong_option_is_told_by_its_name(string address, string key, string expected) => Assert.Contains(
        expected,
        Assert.Throws<ArgumentException>(() => Build(new SluiceConfigurationOptions { App = "orders", Addresses = [new Uri(address)], Key = key })).Message,
        StringComparison.Ordinal);

    private static SluiceConfigurationOptions Options(RestartableSluice sluice) => new()
    {
        Addresses = [sluice.Admin],
        Key = sluice.Key,
        App = "orders",
        FirstDelay = TimeSpan.FromMilliseconds(50),
        LongestDelay = TimeSpan.FromSeconds(1),
    };

    private static IHost Build(SluiceConfigurationOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddSluice(options);
        builder.Services.Configure<DatabaseOptions>(builder.Configuration.GetSection("database"));
        builder.Services.AddSingleton<OrderStore>();
        return builder.Build();
    }
}
