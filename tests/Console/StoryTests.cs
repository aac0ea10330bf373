using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Sluice.Tests.Processes;
using static Microsoft.Playwright.Assertions;

namespace Sluice.Tests.Console;

/// <summary>What people do in the console, from the first click to what clients see of it.</summary>
public sealed class StoryTests(ConsoleBrowser console)
{
    private readonly string _name = $"c{Guid.NewGuid():n}"[..10];

    private Gateway Gateway => console.Gateway;

    [Fact]
    public async Task A_changed_route_is_checked_published_seen_to_reach_each_edge_and_rolled_back()
    {
        ConsoleBrowser.Require();

        // Whoever rolls back takes away what other tests declare.
        await using var gateway = await Gateway.StartAsync();
        await using var upstream = await Upstream.StartAsync(static (http, _) => http.Response.WriteAsync("there"));
        var first = await gateway.ApplyAsync($"kind: Upstream\nname: {_name}\naddresses: ['{upstream.Address}']\n---\nkind: Route\nname: {_name}\nmatch: {{ path: /{_name} }}\nsplit: [{{ upstream: {_name} }}]\n");
        var page = await console.SignInAsync(own: gateway);

        await page.GotoAsync($"/console/kinds/routes/{_name}");
        var editor = page.GetByLabel("Route as YAML");
        var written = await editor.InputValueAsync();
        await editor.FillAsync(written.Replace($"path: /{_name}", $"path: {_name}", StringComparison.Ordinal));
        await Button(page, "Check what changes").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync($"Route/{_name}: match.path");

        await editor.FillAsync(written.Replace($"path: /{_name}", $"path: /{_name}/new", StringComparison.Ordinal));
        await Button(page, "Check what changes").First.ClickAsync();
        var difference = page.GetByLabel($"What changes of Route {_name}");
        await Expect(difference.Locator(".removed")).ToContainTextAsync($"path: /{_name}");
        await Expect(difference.Locator(".added")).ToContainTextAsync($"path: /{_name}/new");
        await page.GetByLabel("Why, for the history").FillAsync("a new place");
        await Button(page, "Publish").ClickAsync();

        var publish = page.GetByLabel("The publish");
        await Expect(publish).ToContainTextAsync("is active");
        await Expect(publish).ToContainTextAsync($"reached {(await gateway.Admin.GetAsync("revisions?limit=1")).GetProperty("active").GetInt64()}");
        using var client = gateway.Client();
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), await AskBothAsync());
        var newest = (await gateway.Admin.GetAsync("revisions?limit=1")).GetProperty("items")[0];
        Assert.Equal(("console", "a new place"), (newest.GetProperty("author").GetProperty("via").GetString(), newest.GetProperty("reason").GetString()));

        await page.GotoAsync($"/console/revisions/{first}");
        await Button(page, "Check the rollback").ClickAsync();
        await Expect(page.GetByLabel("What would change").Locator(".added").First).ToContainTextAsync($"path: /{_name}");
        await Button(page, "Publish").ClickAsync();
        await Expect(page.GetByLabel("The publish")).ToContainTextAsync("is active");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), await AskBothAsync());
        await page.Context.CloseAsync();

        async Task<(HttpStatusCode Old, HttpStatusCode New)> AskBothAsync()
        {
            using var old = await client.GetAsync($"/{_name}");
            using var moved = await client.GetAsync($"/{_name}/new");
            return (old.StatusCode, moved.StatusCode);
        }
    }

    [Fact]
    public async Task A_subscription_is_approved_and_its_tenant_may_call()
    {
        ConsoleBrowser.Require();
        await Gateway.ApplyAsync($"{Model()}\n---\nkind: Product\nname: {_name}\nmodels: [{_name}]\naccess: subscription\napproval: manual\n");
        var page = await console.SignInAsync();

        await page.GotoAsync("/console/tenants");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(_name);
        await Button(page, "Make a tenant").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = _name }).ClickAsync();
        await Button(page, "Make a key").ClickAsync();
        var key = await page.Locator(".once code").InnerTextAsync();
        Assert.StartsWith("slc_live_", key, StringComparison.Ordinal);
        await Button(page, "I have it").ClickAsync();
        await Expect(page.GetByText(key)).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(key));

        // The page of those who decide is open, and moves by itself when somebody asks.
        await page.GotoAsync("/console/subscriptions");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Subscriptions" }).First.WaitForAsync();
        await Gateway.Admin.PostAsync($"tenants/{_name}/subscriptions", new { product = _name });
        await Button(page, $"Approve {_name} for {_name}").ClickAsync();
        await Expect(Button(page, $"Approve {_name} for {_name}")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(key));
    }

    [Fact]
    public async Task A_budget_is_seen_to_drain_until_it_refuses_and_is_topped_up()
    {
        ConsoleBrowser.Require();
        var (_, key) = await Gateway.Admin.CreateTenantAsync(_name);
        await Gateway.ApplyAsync($"{Model()}\n---\nkind: Budget\nname: {_name}\nsubject: tenant/{_name}\namount: {{ requests: 3 }}\nwindow: {{ every: month }}\nmode: hard\n---\nkind: Limit\nname: {_name}\nsubject: tenant/{_name}\nrequests: {{ per: minute, amount: 600, burst: 60 }}\n");
        var page = await console.SignInAsync();
        await page.GotoAsync($"/console/budgets/{_name}");
        await Expect(Card(page, "Left")).ToContainTextAsync("3");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], [await AskAsync(key), await AskAsync(key), await AskAsync(key)]);
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(key));
        await Expect(Card(page, "Left").Locator("dd")).ToHaveTextAsync("0can still be lent");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "held" })).ToContainTextAsync("3");

        await page.GetByLabel("requests", new() { Exact = true }).FillAsync("2");
        await Button(page, "Add").ClickAsync();
        await Expect(Card(page, "Limit")).ToContainTextAsync("5");

        await page.GotoAsync("/console/budgets");
        var limit = page.GetByLabel("Limits").GetByRole(AriaRole.Row).Filter(new() { HasText = _name });
        await Expect(limit).ToContainTextAsync("600 requests a minute, 60 in a burst");
        await Expect(limit).ToContainTextAsync("% = ");
        await Eventually.TrueAsync(async () => await AskAsync(key) is HttpStatusCode.OK, "the added requests are taken");
    }

    [Fact]
    public async Task A_call_is_made_in_the_playground_found_among_the_calls_and_opened()
    {
        ConsoleBrowser.Require();
        await Gateway.ApplyAsync(Model());
        var (_, key) = await Gateway.Admin.CreateTenantAsync(_name);
        var page = await console.SignInAsync();

        await page.GotoAsync("/console/playground");
        await page.GetByLabel("A tenant's key").FillAsync(key);
        await page.GetByLabel("Model", new() { Exact = true }).FillAsync(_name);
        await page.GetByLabel("Dialect").SelectOptionAsync("Anthropic messages");
        await Button(page, "Ask").ClickAsync();
        await Expect(page.GetByLabel("Text of the answer")).Not.ToBeEmptyAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "The call" }).WaitForAsync();

        await page.GotoAsync($"/console/calls?tenant={_name}");
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = _name });
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Timeline" })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Record of attempt 1")).ToContainTextAsync($"asked: {_name}");
    }

    private string Model() => $"kind: Model\nname: {_name}\ntargets: [{{ provider: sandbox, model: sandbox }}]\n";

    private async Task<HttpStatusCode> AskAsync(string key)
    {
        using var client = Gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(JsonSerializer.Serialize(new { model = _name, max_tokens = 5, messages = new[] { new { role = "user", content = "Hello" } } })));
        return answer.StatusCode;
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Card(IPage page, string title) => page.Locator(".card").Filter(new() { Has = page.GetByText(title, new() { Exact = true }) });
}
