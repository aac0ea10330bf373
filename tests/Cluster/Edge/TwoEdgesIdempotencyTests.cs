using System.Net;
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
        await using var first = await ServingEdge.StartAsync(cluster, workspace, key.Secret);
        await using var second = await ServingEdge.StartAsync(cluster, workspace, key.Secret);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AnswerAsync(i % 2 == 0 ? first : second, "key-1")));

        var executed = Assert.Single(answers, a => a.ReplayOf is null);
        Assert.All(answers.Where(a => a != executed), a => Assert.Equal((executed.Body, executed.Request), (a.Body, a.ReplayOf)));
        Assert.Null((await AnswerAsync(second, "key-2")).ReplayOf);
    }

    [Fact]
    public async Task Without_the_owner_of_its_key_nothing_is_executed()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var workspace = new Workspace(own.Client);
        var key = await workspace.CreateTenantAsync("acme");
        await workspace.PublishAsync("""{"kind":"Provider","name":"sandbox","dialect":"sandbox"}""", """{"kind":"Model","name":"sandbox","targets":[{"provider":"sandbox","model":"sandbox"}]}""");
        await using var edge = await ServingEdge.StartAsync(own, workspace, key.Secret);
        Assert.Null((await AnswerAsync(edge, "key-1")).ReplayOf);

        own.OnCall = static call => call.InterfaceMethod.DeclaringType == typeof(IEdgeIdempotencyGrain) && call.InterfaceMethod.Name is nameof(IEdgeIdempotencyGrain.ClaimAsync)
            ? throw new TimeoutException("of this test")
            : call.Invoke();
        using var answer = await edge.AskAsync("Idempotency-Key", "key-2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);

        own.OnCall = static call => call.Invoke();
        Assert.Null((await AnswerAsync(edge, "key-2")).ReplayOf);
    }

    // The answer, once no other request with the key is under way.
    private static async Task<Answer> AnswerAsync(ServingEdge edge, string key)
    {
        Answer? found = null;
        await Eventually.HoldsAsync(async () =>
        {
            using var answer = await edge.AskAsync("Idempotency-Key", key);
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

    private sealed record Answer(string Body, string Request, string? ReplayOf);
}
