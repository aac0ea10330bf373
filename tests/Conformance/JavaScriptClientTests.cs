namespace Sluice.Tests.Conformance;

/// <summary>The official JavaScript client, unchanged, against a started gateway; <c>node/client.mjs</c> says what it saw.</summary>
public sealed class JavaScriptClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Chat_streams_tools_embeddings_models_and_errors_are_as_the_client_expects()
    {
        var seen = await NodeScript.RunAsync("client.mjs", new Uri(shared.Gateway.Edge, "/v1").ToString(), shared.Gateway.TenantKey);

        Assert.Equal("This is the Sluice sandbox 5", seen["chat"]);
        Assert.Equal("This| is| the", seen["stream"]);
        Assert.Equal("3", seen["streamedUsage"]);
        Assert.Equal("""tool_calls get_weather {"city":"sandbox"}""", seen["tools"]);
        Assert.Equal("2 8", seen["embeddings"]);
        Assert.Equal("sandbox", seen["models"]);
        Assert.Equal("AuthenticationError 401 invalid_api_key", seen["wrongKey"]);
        Assert.Equal("NotFoundError 404 model_not_found", seen["noModel"]);
        Assert.Equal("RateLimitError 429 rate_limit_exceeded", seen["rateLimit"]);
    }
}
