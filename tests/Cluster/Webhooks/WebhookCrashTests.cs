using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Tests.Cluster.Catalog;
using static Sluice.Tests.Cluster.Budgets.DeclaredBudget;

namespace Sluice.Tests.Cluster.Webhooks;

/// <summary>What webhooks are told though the silo that was to tell it is killed.</summary>
public sealed class WebhookCrashTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();
    private readonly ConcurrentQueue<string> _ids = new();
    private readonly TaskCompletionSource _end = new();
    private volatile bool _answers;
    private WebApplication _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        await _cluster.InitializeAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.Run(http =>
        {
            _ids.Enqueue(http.Request.Headers["webhook-id"].ToString());
            return _answers ? Task.CompletedTask : _end.Task;
        });
        await _receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _end.TrySetResult();
        await _receiver.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task What_was_stored_and_not_answered_when_its_silo_was_killed_is_sent_by_the_next_one_under_the_same_id()
    {
        var catalog = _cluster.Client.GetGrain<ICatalogGrain>(GrainKeys.DefaultWorkspace);
        Assert.IsType<PublishOutcome.Published>(await catalog.PublishAsync(Workspace.Change(
            Workspace.Secret("sign", $"whsec_{Convert.ToBase64String(new byte[32])}"),
            Encoding.UTF8.GetBytes($$"""{"kind":"Webhook","name":"told","url":"{{_receiver.Urls.First()}}","events":["budget.warning"],"secrets":["sign"]}"""),
            Encoding.UTF8.GetBytes("""{"kind":"Budget","name":"daily","subject":"tenant/acme","amount":{"tokens":100},"window":{"every":"day"},"warnAt":["50%"]}"""))));
        var budget = _cluster.Client.GetGrain<IBudgetGrain>(GrainKeys.Join(GrainKeys.DefaultWorkspace, "daily", "tenant/acme"));
        var loan = await budget.BorrowAsync(Borrow("a", 1, need: 60));
        await budget.ReportAsync(new LeaseReport("a", loan.Window, 60, Close: false));
        await Eventually.TrueAsync(() => !_ids.IsEmpty);

        await _cluster.RestartAsync(kill: true);
        var before = _ids.Count;
        _answers = true;

        // Nobody asks for it: the silo looks by itself.
        await Eventually.TrueAsync(() => _ids.Count > before);
        Assert.Single(_ids.Distinct(StringComparer.Ordinal));
        var webhooks = _cluster.Client.GetGrain<IWebhooksGrain>(GrainKeys.DefaultWorkspace);
        await Eventually.TrueAsync(async () => (await webhooks.ListAsync("told")) is [{ State: DeliveryState.Delivered }]);
    }
}
