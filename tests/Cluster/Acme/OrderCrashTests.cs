using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Orleans.Core.Internal;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Resources;
using Sluice.Tests.Cluster.Catalog;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Cluster.Acme;

/// <summary>An order at a real server of ACME, whose silo is lost after each step, and a clock that is moved.</summary>
public sealed class OrderCrashTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private Workspace _workspace = null!;
    private WebApplication _edge = null!;
    private Pebble _pebble = null!;

    private ICertificateOrderGrain Order => _cluster.Client.GetGrain<ICertificateOrderGrain>(GrainKeys.Join(_workspace.Name, "shop"));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Pebble.Missing is not null, Pebble.Missing ?? "");
        await _cluster.InitializeAsync();
        _workspace = new Workspace(_cluster);

        // Nobody looks but the test.
        _cluster.OnCall = call => call.InterfaceMethod.DeclaringType == typeof(ICertificateOrderGrain) && call.InterfaceMethod.Name is nameof(ICertificateOrderGrain.LookAsync) && call.SourceId?.IsClient() is not true
            ? Task.FromException(new TimeoutException("Not now."))
            : call.Invoke();

        // As edges answer.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _edge = builder.Build();
        _edge.Run(async http =>
        {
            var answer = await Order.FindAnswerAsync(http.Request.Host.Host, http.Request.Path.Value!.Split('/')[^1]);
            _asked.Enqueue($"{http.Request.Host.Host}: {(answer is null ? "nothing" : "its answer")}");
            await http.Response.WriteAsync(answer ?? "");
        });
        await _edge.StartAsync();
        _pebble = await Pebble.StartAsync(new Uri(_edge.Urls.First()).Port);
        _pebble.Names.Host("shop.crash.test", 60, "127.0.0.1");
        _pebble.Names.Host("www.crash.test", 60, "127.0.0.1");
    }

    public async ValueTask DisposeAsync()
    {
        if (_pebble is not null)
        {
            await _pebble.DisposeAsync();
            await _edge.DisposeAsync();
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_goes_on_from_what_is_stored_however_often_its_silo_is_lost_and_is_renewed_in_time()
    {
        await _workspace.PublishAsync([.. Resources($$"""
            {{_pebble.Bundle("pebble")}}
            ---
            { kind: Certificate, name: shop, hosts: [shop.crash.test, www.crash.test], authority: pebble }
            """)]);

        List<OrderState> states = [];
        while (states is not [.., OrderState.Publishing, OrderState.Waiting])
        {
            await LookAsync(states);
            if (states[^1] is OrderState.Proving && !_asked.IsEmpty)
            {
                await _cluster.RestartAsync(kill: true);
            }
            else
            {
                await Order.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
            }
        }

        Assert.Equal([OrderState.Ordered, OrderState.Proving, OrderState.Finalizing, OrderState.Publishing, OrderState.Waiting], states.Distinct());
        Assert.Equal(["shop.crash.test: its answer", "www.crash.test: its answer"], _asked.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(1, await VersionAsync());
        var audit = (await _workspace.Catalog.GetAuditAsync(1, 100))[^1].Info;
        Assert.StartsWith("certificate shop obtained from pebble: serial ", audit.Reason, StringComparison.Ordinal);

        // Nothing is due until a third of its time is left.
        var due = (await Order.LookAsync())!.Value;
        Assert.Equal((OrderState.Waiting, due), ((await Order.GetAsync()).State, await Order.LookAsync()));
        _cluster.Time.Advance(due - _cluster.Time.GetUtcNow() - TimeSpan.FromMinutes(1));
        Assert.Equal(due, await Order.LookAsync());
        _cluster.Time.Advance(TimeSpan.FromMinutes(2));
        states.Clear();
        while (states is not [.., OrderState.Publishing, OrderState.Waiting])
        {
            await LookAsync(states);
        }

        Assert.Equal(2, await VersionAsync());
        Assert.True(await Order.LookAsync() > _cluster.Time.GetUtcNow(), "not one after the other");
    }

    private async Task LookAsync(List<OrderState> states)
    {
        Assert.True(states.Count < 200, string.Join(", ", states.Distinct()));
        var before = await Order.GetAsync();
        Assert.Null(before.Error);
        await Eventually.TrueAsync(() => before.NextAt is not { } at || at <= _cluster.Time.GetUtcNow());
        Assert.NotNull(await Order.LookAsync());
        states.Add((await Order.GetAsync()).State);
    }

    private async Task<int> VersionAsync() => ((SecretResource)ResourceReader.Read((await _workspace.Catalog.GetResourceAsync("Secret", "acme.shop"))!.Json).Resource!).Version;

    private static IEnumerable<byte[]> Resources(string yaml) => Bundle.Parse(yaml).Resources;
}
