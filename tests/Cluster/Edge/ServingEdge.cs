using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge;
using Sluice.Edge.Configuration;

namespace Sluice.Tests.Cluster.Edge;

/// <summary>A whole edge with its listener, as a client of the test cluster, and a client of it.</summary>
internal sealed class ServingEdge : IAsyncDisposable
{
    private readonly WebApplication _edge;
    private readonly HttpClient _client;

    private ServingEdge(WebApplication edge, string key)
    {
        _edge = edge;
        _client = new HttpClient { BaseAddress = new Uri(edge.Urls.First()), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
    }

    /// <summary>Starts one, and waits until it serves a revision.</summary>
    /// <param name="cluster">As its client.</param>
    /// <param name="workspace">Whose revisions.</param>
    /// <param name="key">Of its client.</param>
    public static async Task<ServingEdge> StartAsync(ClusterFixture cluster, Workspace workspace, string key)
    {
        var edge = EdgeHost.Create(new EdgeOptions { Workspace = workspace.Name, Http = 0, Ops = 0, Listen = "127.0.0.1", DrainDelay = TimeSpan.Zero }, cluster.Client);
        await edge.StartAsync(TestContext.Current.CancellationToken);

        // News of a revision may come before the registration, which brings what keys are looked up with.
        await Task.WhenAll(edge.Services.GetRequiredService<ActiveRevision>().Ready, edge.Services.GetRequiredService<FleetMembership>().Registered).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        return new ServingEdge(edge, key);
    }

    /// <summary>Asks the model <c>sandbox</c> to answer a greeting.</summary>
    public async Task<HttpResponseMessage> AskAsync(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { { header, value } },
            Content = new StringContent("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json"),
        };
        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _edge.DisposeAsync();
    }
}
