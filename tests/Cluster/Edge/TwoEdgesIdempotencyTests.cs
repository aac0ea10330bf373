using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Tests.Cluster.Edge;

public sealed class TwoEdgesIdempotencyTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Of_requests_at_two_edges_at_one_time_one_is_executed_and_each_edge_gives_its_answer()
    {
        var workspace = new Workspace(cluster.Client);
        var key = await workspace.CreateTenantAsync("acme");
        await workspace.PublishAsync(
            """{"kind":"Provider","name":"sandbox","dialect":"sandbox"}""", """{"kind":"Model","name":"sandbox","targets":[{"provider":"sandbox","model":"sandbox"}],"price":{"input":"1 USD","output":"1 USD"}}""");
        await using var first = await StartAsync(workspace);
        await using var second = await StartAsync(workspace);
        using var one = Client(first, key.Secret);
        using var other = Client(second, key.Secret);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AnswerAsync(i % 2 == 0 ? one : other, "key-1")));

        var executed = Assert.Single(answers, a => a.ReplayOf is null);
        Assert.All(answers.Where(a => a != executed), a => Assert.Equal((executed.Body, executed.Request), (a.Body, a.ReplayOf)));
        Assert.Null((await AnswerAsync(other, "key-2")).ReplayOf);
    }

    [Fact]
    public async Task Without_the_owner_of_its_key_nothing_is_executed()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var workspace = new Workspace(own.Client);
        var key = await workspace.CreateTenantAsync("acme");
        await workspace.PublishAsync("""{"kind":"Provider","name":"sandbox","dialect":"sandbox"}""", """{"kind":"Model","name":"sandbox","targets":[{"provider":"sandbox","model":"sandbox"}]}""");
        await using var edge = await StartAsync(workspace, own);
        using var client = Client(edge, key.Secret);
        Assert.Null((await AnswerAsync(client, "key-1")).ReplayOf);

        own.OnCall = static call => call.InterfaceMethod.DeclaringType == typeof(IEdgeIdempotencyGrain) && call.InterfaceMethod.Name is nameof(IEdgeIdempotencyGrain.ClaimAsync)
            ? throw new TimeoutException("of this test")
            : call.Invoke();
        using var answer = await SendAsync(client, "key-2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);

        own.OnCall = static call => call.Invoke();
        Assert.Null((await AnswerAsync(client, "key-2")).ReplayOf);
    }

    private static HttpClient Client(WebApplication edge, string key) =>
        new() { BaseAddress = new Uri(edge.Urls.First()), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string key) => client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { { "Idempotency-Key", key } },
            Content = new StringContent("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}""", Encoding.UTF8, "application/json"),
        },
        TestContext.Current.CancellationToken);

    // The answer, once no other request with the key is under way.
    private static async Task<Answer> AnswerAsync(HttpClient client, string key)
    {
        Answer? found = null;
        await Eventually.HoldsAsync(async () =>
        {
            using var answer = await SendAsync(client, key);
            if (answer.StatusCode is HttpStatusCode.Conflict)
            {
                return false;
            }

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            found = new Answer(
                await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                answer.Headers.GetValues("sluice-request-id").Single(),
                answer.Headers.TryGetValues("sluice-replay-of", out var first) ? first.Single() : null);
            return true;
        });
        return found!;
    }

    private async Task<WebApplication> StartAsync(Workspace workspace, ClusterFixture? on = null)
    {
        var edge = EdgeHost.Create(new EdgeOptions { Workspace = workspace.Name, Http = 0, Ops = 0, Listen = "127.0.0.1", DrainDelay = TimeSpan.Zero }, (on ?? cluster).Client);
        await edge.StartAsync(TestContext.Current.CancellationToken);
        await edge.Services.GetRequiredService<ActiveRevision>().Ready.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        return edge;
    }

    private sealed record Answer(string Body, string Request, string? ReplayOf);
}
