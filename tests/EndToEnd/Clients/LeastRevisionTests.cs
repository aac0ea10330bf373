using System.Globalization;
using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary><c>sluice-min-revision</c>: a caller reads its own writes through any edge, or is told that it cannot.</summary>
public sealed class LeastRevisionTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"l{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_revision_that_a_publish_returned_is_served()
    {
        await using var upstream = await Upstream.StartAsync("there");
        using var admin = new AdminApi(_gateway.Sluice.Admin, _gateway.AdminKey);
        var revision = await admin.ApplyAsync($$"""
            kind: Upstream
            name: {{_name}}
            addresses: ["{{upstream.Address}}"]
            ---
            kind: Route
            name: {{_name}}
            match: { path: /{{_name}} }
            split: [{ upstream: {{_name}} }]
            """);

        using var answer = await AskAsync($"default@{revision.ToString(CultureInfo.InvariantCulture)}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(Gateway.RevisionOf(answer) >= revision);
    }

    [Fact]
    public async Task One_that_is_not_there_is_waited_for_within_a_bound_and_then_refused_with_the_reason()
    {
        using var answer = await AskAsync("default@999999999");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("has not reached default@999999999", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("other@7")]
    [InlineData("default@-7")]
    [InlineData("default@seven")]
    [InlineData("default@1, default@2")]
    public async Task What_is_no_revision_of_this_workspace_is_told_as_such(string wanted)
    {
        using var answer = await AskAsync(wanted);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.StartsWith("sluice-min-revision must be 'default@' and a revision's number", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> AskAsync(string least)
    {
        using var client = new HttpClient { BaseAddress = _gateway.Sluice.Edge, Timeout = TimeSpan.FromSeconds(30) };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{_name}");
        request.Headers.TryAddWithoutValidation("sluice-min-revision", least);
        return await client.SendAsync(request);
    }
}
