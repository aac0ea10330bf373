using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Limits and budgets that count for a product: several models and routes together.</summary>
public sealed class ProductTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"p{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_budget_for_a_product_is_spent_by_its_model_and_its_route_together_and_by_nothing_else()
    {
        await using var upstream = await OwnModel.StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(
            _gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Bundle($"{_name}-other", upstream), Route(upstream), Product($"routes: [{_name}]"), Budget("requests: 2")));

        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(client));
        Assert.Equal(HttpStatusCode.TooManyRequests, await GetAsync(client));
        var (status, body) = await OwnModel.AskAsync(client, _name);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains($"Budget '{_name}' of tenant/{_name}", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, $"{_name}-other")).Status);
    }

    [Fact]
    public async Task What_is_taken_out_of_a_product_counts_no_more_from_that_revision_on()
    {
        await using var upstream = await OwnModel.StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), Route(upstream), Product($"routes: [{_name}]"), Budget("requests: 1")));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [await GetAsync(client), await GetAsync(client)]);

        await _gateway.ApplyAsync(Product(""));

        Assert.Equal(HttpStatusCode.OK, await GetAsync(client));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await OwnModel.AskAsync(client, _name)).Status);
    }

    [Fact]
    public async Task A_limit_for_a_product_is_explained_for_what_the_product_has_alone()
    {
        await using var upstream = await OwnModel.StartAsync();
        await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Bundle($"{_name}-other", upstream), Product(""), $$"""
            kind: Limit
            name: {{_name}}
            subject: tenant/{{_name}}
            for: { product: {{_name}} }
            concurrent: 5
            """);

        Assert.Contains($"\"{_name}\"", await LimitsAsync(_name), StringComparison.Ordinal);
        Assert.DoesNotContain($"\"{_name}\"", await LimitsAsync($"{_name}-other"), StringComparison.Ordinal);
    }

    private async Task<string> LimitsAsync(string model) =>
        (await _gateway.Admin.PostAsync("explain", new { method = "POST", path = "/v1/chat/completions", tenant = _name, model })).GetProperty("limits").ToString();

    private async Task<HttpStatusCode> GetAsync(HttpClient client)
    {
        using var answer = await client.GetAsync($"/{_name}");
        return answer.StatusCode;
    }

    private string Route(Upstream upstream) => $$"""
        kind: Upstream
        name: {{_name}}
        addresses: ["{{upstream.Address}}"]
        ---
        kind: Route
        name: {{_name}}
        match: { path: /{{_name}} }
        access: key
        split: [{ upstream: {{_name}} }]
        """;

    private string Product(string routes) => $$"""
        kind: Product
        name: {{_name}}
        models: [{{_name}}]
        {{routes}}
        """;

    private string Budget(string amount) => $$"""
        kind: Budget
        name: {{_name}}
        subject: tenant/{{_name}}
        for: { product: {{_name}} }
        amount: { {{amount}} }
        window: { every: month }
        """;
}
