using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>The official JavaScript client with OpenAI's files, unchanged; <c>node/files.mjs</c> says what it saw.</summary>
public sealed class FileClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Files_are_kept_read_listed_used_and_deleted_as_the_client_expects()
    {
        var provider = new FileProvider();
        await using var upstream = await Upstream.StartAsync(provider.AnswerAsync);
        await shared.Gateway.ApplyAsync($$"""
            kind: Provider
            name: filing
            address: {{upstream.Address}}/v1
            ---
            kind: Model
            name: filing
            contextTokens: 1000
            targets: [{ provider: filing, model: behind-it }]
            """);
        var seen = await NodeScript.RunAsync("files.mjs", new Uri(shared.Gateway.Edge, "/v1").ToString(), shared.Gateway.TenantKey, "filing");

        Assert.Equal("a.bin 3 user_data", seen["created"]);
        Assert.Equal("true", seen["read"]);
        Assert.Equal("010203", seen["content"]);
        Assert.Equal("b.bin a.bin", seen["list"]);
        Assert.Equal("2", seen["chat"]);
        Assert.Equal("true", seen["deleted"]);
        Assert.Equal("NotFoundError 404 file_not_found", seen["gone"]);
        Assert.Single(provider.Files);
    }
}
