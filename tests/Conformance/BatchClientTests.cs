using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>The official JavaScript client with OpenAI's batches, unchanged; <c>node/batches.mjs</c> says what it saw.</summary>
public sealed class BatchClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Batches_are_begun_read_listed_and_cancelled_as_the_client_expects()
    {
        var provider = new BatchProvider();
        await using var upstream = await Upstream.StartAsync(provider.AnswerAsync);
        await shared.Gateway.ApplyAsync($$"""
            kind: Provider
            name: batching
            address: {{upstream.Address}}/v1
            ---
            kind: Model
            name: batching
            targets: [{ provider: batching, model: behind-it }]
            """);
        var seen = await NodeScript.RunAsync("batches.mjs", new Uri(shared.Gateway.Edge, "/v1").ToString(), shared.Gateway.TenantKey, "batching");

        Assert.Equal("batch in_progress true mine", seen["created"]);
        Assert.Equal("true in_progress", seen["read"]);
        Assert.Equal("1 true", seen["list"]);
        Assert.Equal("cancelling", seen["cancelled"]);
        Assert.Equal("NotFoundError 404 batch_not_found", seen["gone"]);
        Assert.Equal("behind-it", (string?)Assert.Single(provider.Input)["body"]!["model"]);
    }
}
