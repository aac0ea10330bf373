using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>The official JavaScript client's two kinds of realtime connections, unchanged, against a started gateway; <c>node/realtime.mjs</c> says what they saw.</summary>
public sealed class RealtimeClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Responses_closes_and_refusals_are_as_the_client_expects()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        await shared.Gateway.ApplyAsync($"kind: Provider\nname: voice\ndialect: openai\naddress: {provider.Address}\n---\nkind: Model\nname: voice\ntargets: [{{ provider: voice, model: gpt-realtime }}]\ncontextTokens: 1000");

        var seen = await NodeScript.RunAsync("realtime.mjs", new Uri(shared.Gateway.Edge, "/v1").ToString(), shared.Gateway.TenantKey, "voice");

        foreach (var client in new[] { "ws", "browser" })
        {
            Assert.Equal("120 80 4100 thanks", seen[client]);
            Assert.Equal("Unexpected server response: 401", seen[$"{client}WrongKey"]);
            Assert.Equal("Unexpected server response: 404", seen[$"{client}NoModel"]);
        }

        Assert.Equal((240, 160), provider.Bill);
    }
}
