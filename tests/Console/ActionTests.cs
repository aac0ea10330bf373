using System.Net;
using Microsoft.Playwright;
using Sluice.Tests.Processes;
using static Microsoft.Playwright.Assertions;

namespace Sluice.Tests.Console;

/// <summary>What else people do: rollouts by the form, canaries, prompts side by side, alerts, webhooks, the first key.</summary>
public sealed class ActionTests(ConsoleBrowser console)
{
    private readonly string _name = $"a{Guid.NewGuid():n}"[..10];

    private Gateway Gateway => console.Gateway;

    [Fact]
    public async Task A_rollout_is_filled_in_checked_seen_and_begun()
    {
        ConsoleBrowser.Require();
        await Gateway.Admin.ApplyAsync($$"""
            kind: Upstream
            name: {{_name}}-old
            addresses: [http://127.0.0.1:9]
            ---
            kind: Upstream
            name: {{_name}}-new
            addresses: [http://127.0.0.1:9]
            ---
            kind: Route
            name: {{_name}}
            match: { path: /{{_name}} }
            split: [{ upstream: {{_name}}-old, weight: 9 }, { upstream: {{_name}}-new, weight: 1 }]
            """);
        var page = await console.SignInAsync();
        await page.GotoAsync("/console/rollouts");

        await page.GetByLabel("Its name").SelectOptionAsync(_name);
        await page.GetByLabel("Name of the rollout").FillAsync(_name);
        await page.GetByLabel("Share of step 1, percent").FillAsync("5");
        await page.GetByLabel("Share of step 2, percent").FillAsync("half");
        await Button(page, "Check what it does").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("must be a number such as 10 or 2.5, is 'half'");

        await page.GetByLabel("Share of step 2, percent").FillAsync("50");
        await page.GetByLabel("Hold of step 1").FillAsync("soon");
        await Button(page, "Check what it does").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("steps[0].hold");
        await page.GetByLabel("Hold of step 1").FillAsync("10m");
        await Button(page, "Check what it does").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync($"must be above what '{_name}-new' has already, 1000 of 10000");

        await page.GetByLabel("Share of step 1, percent").FillAsync("20");
        await Button(page, "Check what it does").ClickAsync();
        await Expect(page.GetByLabel("Steps").GetByRole(AriaRole.Row).Nth(2)).ToContainTextAsync("8,0002,000");
        await Expect(page.GetByLabel($"What changes of Route {_name}").Locator(".added").First).ToContainTextAsync("8000");
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.Admin.SendAsync(HttpMethod.Get, $"rollouts/{_name}", null)).Status);
        await Button(page, "Begin").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Rollout {_name}" })).ToBeVisibleAsync();
        var guards = (await Gateway.Admin.GetAsync($"rollouts/{_name}")).GetRawText();
        Assert.Contains("\"latency\"", guards, StringComparison.OrdinalIgnoreCase);
        await Button(page, "Abort: back to before").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Rollout {_name}" })).ToContainTextAsync("aborted");
    }

    [Fact]
    public async Task Two_versions_of_a_prompt_are_asked_side_by_side_and_a_canary_is_accepted()
    {
        ConsoleBrowser.Require();
        const string Variables = "{ type: object, properties: { text: { type: string } }, required: [text] }";
        await Gateway.ApplyAsync($$$"""
            kind: Model
            name: {{{_name}}}
            targets: [{ provider: sandbox, model: sandbox }]
            ---
            kind: Prompt
            name: {{{_name}}}
            versions:
              - { version: 1, model: {{{_name}}}, variables: {{{Variables}}}, messages: [{ role: user, content: "One of {{ text }}" }] }
              - { version: 2, model: {{{_name}}}, variables: {{{Variables}}}, messages: [{ role: user, content: "Two of {{ text }}" }] }
            split: [{ version: 1, weight: 1 }]
            ---
            kind: Canary
            name: {{{_name}}}
            share: 1000
            put: [{ kind: Model, name: {{{_name}}}, targets: [{ provider: sandbox, model: lorem }] }]
            """);
        var (_, key) = await Gateway.Admin.CreateTenantAsync(_name);
        var page = await console.SignInAsync();

        await page.GotoAsync($"/console/prompts/{_name}");
        await page.GetByLabel("A tenant's key").FillAsync(key);
        await page.GetByLabel("Variables as JSON").FillAsync("{\"text\": \"a story\"}");
        await Button(page, "Ask both").ClickAsync();
        await Expect(page.GetByLabel("Answer of version 1")).ToContainTextAsync("finishReason");
        await Expect(page.GetByLabel("Answer of version 2")).ToContainTextAsync("finishReason");

        await page.GotoAsync($"/console/kinds/canaries/{_name}");
        await Button(page, "Check the acceptance").ClickAsync();
        await Expect(page.GetByLabel($"What changes of Model {_name}").Locator(".added").First).ToContainTextAsync("lorem");
        await Button(page, "Back").ClickAsync();
        await ConsoleBrowser.PublishAsync(page, "Check the acceptance");
        Assert.Contains("lorem", (await Gateway.Admin.GetAsync($"models/{_name}")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_is_silenced_and_a_message_that_a_webhook_did_not_get_is_sent_again()
    {
        ConsoleBrowser.Require();
        await Gateway.Admin.ApplyAsync($$"""
            kind: Secret
            name: {{_name}}
            value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
            ---
            kind: Webhook
            name: {{_name}}
            url: https://127.0.0.1:9/hook
            events: [subscription.requested]
            secrets: [{{_name}}]
            ---
            kind: Model
            name: {{_name}}
            targets: [{ provider: sandbox, model: sandbox }]
            ---
            kind: Product
            name: {{_name}}
            models: [{{_name}}]
            access: subscription
            approval: manual
            """);
        await Gateway.Admin.CreateTenantAsync(_name);
        await Gateway.Admin.PostAsync($"tenants/{_name}/subscriptions", new { product = _name });
        var page = await console.SignInAsync();

        await page.GotoAsync($"/console/kinds/webhooks/{_name}");
        await page.GetByLabel("Deliveries").GetByText("Send again").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);

        await page.GotoAsync("/console/alerts");
        await Button(page, "Silence edges-behind for two hours").ClickAsync();
        await Button(page, "End the silence of edges-behind").ClickAsync();
        await Expect(Button(page, "End the silence of edges-behind")).ToHaveCountAsync(0);
        Assert.Equal(0, (await Gateway.Admin.GetAsync("alerts/silences")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Bodies_are_held_on_the_tenants_page_and_a_hold_is_released_with_why()
    {
        ConsoleBrowser.Require();
        await Gateway.Admin.CreateTenantAsync(_name);
        var page = await console.SignInAsync();
        await page.GotoAsync($"/console/tenants/{_name}");

        await page.Locator("form", new() { HasText = "Hold them" }).GetByRole(AriaRole.Combobox).SelectOptionAsync("user");
        await page.GetByLabel("The user's name").FillAsync("ada");
        await page.GetByLabel("Why").FillAsync("matter 2026-17");
        await Button(page, "Hold them").ClickAsync();
        await Expect(page.GetByLabel("Holds", new() { Exact = true })).ToContainTextAsync("user ada");
        await Button(page, "Release the hold matter 2026-17").ClickAsync();
        await page.GetByLabel("Why the hold of user ada").FillAsync("settled");
        await Button(page, "Release it").ClickAsync();

        await Expect(page.GetByLabel("Holds", new() { Exact = true })).ToContainTextAsync("Nothing is held");
        var bodies = await Gateway.Admin.GetAsync($"calls/bodies?tenant={_name}");
        Assert.EndsWith("matter 2026-17; released: settled", bodies.GetProperty("accesses")[0].GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Admins_are_reminded_of_the_first_key_until_it_is_revoked_and_others_are_not()
    {
        ConsoleBrowser.Require();
        await using var gateway = await Gateway.StartAsync();
        var viewer = await gateway.Admin.PostAsync("admin-keys", new { name = "looks on", role = "viewer" });
        var mine = await gateway.Admin.PostAsync("admin-keys", new { name = "ada", role = "admin" });
        var page = await console.SignInAsync(mine.GetProperty("key").GetString(), own: gateway);
        await Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync("bootstrap");
        var other = await console.SignInAsync(viewer.GetProperty("key").GetString(), own: gateway);
        await Expect(other.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Link, new() { Name = "Make keys with names of their own" }).ClickAsync();
        await Button(page, "Revoke bootstrap").ClickAsync();
        await Button(page, "Revoke for ever").ClickAsync();
        await Expect(Button(page, "Revoke bootstrap")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();

        await Expect(page.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_page_that_is_left_while_it_reads_breaks_nothing()
    {
        ConsoleBrowser.Require();
        var page = await console.SignInAsync();

        for (var i = 0; i < 10; i++)
        {
            await page.EvaluateAsync("() => { Blazor.navigateTo('/console/'); setTimeout(() => Blazor.navigateTo('/console/fleet'), 5); }");
            await page.GetByRole(AriaRole.Heading, new() { Name = "Fleet" }).WaitForAsync();
        }

        await page.GetByLabel("Edges", new() { Exact = true }).WaitForAsync();
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
}
