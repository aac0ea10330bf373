using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Sluice.Tests.Processes;
using static Microsoft.Playwright.Assertions;

namespace Sluice.Tests.Console;

/// <summary>Sign-in by an identity provider: who gets in, as what, and how the history names them.</summary>
public sealed class OidcTests(ConsoleBrowser console)
{
    private readonly string _name = $"o{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Who_the_provider_vouches_for_comes_in_at_the_page_that_was_asked_for_and_is_the_author_of_what_they_change()
    {
        ConsoleBrowser.Require();
        var page = await console.OpenAsync();
        await page.GotoAsync("/console/new/upstreams");
        await SignInAsync(page, "Ada");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "New Upstream" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Signed in as oidc:ada@example.com; sign out" })).ToContainTextAsync("admin");

        await page.GetByLabel("Upstream as YAML").FillAsync($"kind: Upstream\nname: {_name}\naddresses: [\"http://127.0.0.1:9\"]\n");
        await ConsoleBrowser.PublishAsync(page, "Check what changes");
        var audit = await Eventually.GetAsync(async () => (await console.Gateway.Admin.GetAsync("audit")).GetProperty("items").EnumerateArray()
            .Cast<JsonElement?>().FirstOrDefault(entry => entry!.Value.GetRawText().Contains("oidc:ada@example.com", StringComparison.Ordinal)) is { } found ? found.GetRawText() : null, "the audit names the author");
        Assert.Contains("\"console\"", audit, StringComparison.Ordinal);

        var session = Assert.Single(await page.Context.CookiesAsync(), c => c.Name is "sluice-console");
        Assert.True(session.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, session.SameSite);
        Assert.Contains("the console's secret", console.Provider.Shown);
    }

    [Fact]
    public async Task A_viewer_of_the_provider_sees_no_way_to_change_things_and_signs_out_here_and_there()
    {
        ConsoleBrowser.Require();
        var page = await console.OpenAsync();
        await page.GotoAsync("/console/");
        await SignInAsync(page, "Vic");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await page.GotoAsync("/console/operators");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your role does not allow this" })).ToBeVisibleAsync();
        await page.GotoAsync("/console/tenants");
        await page.GetByRole(AriaRole.Link, new() { Name = "default", Exact = true }).WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make a tenant" })).ToHaveCountAsync(0);

        await page.GotoAsync("/console/sign-out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "sign out there, too" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out of the provider" })).ToBeVisibleAsync();
        await page.GotoAsync("/console/revisions");
        await Expect(page.GetByLabel("Admin key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_has_a_role_of_one_tenant_begins_at_its_pages_and_comes_to_no_others()
    {
        ConsoleBrowser.Require();
        var page = await console.OpenAsync();
        await page.GotoAsync("/console/");
        await SignInAsync(page, "Tia");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Tenant default" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make a key" })).ToHaveCountAsync(0);
        await page.GotoAsync("/console/revisions");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your role does not allow this" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("Eve", "have no role here")]
    [InlineData("Nobody", "did not let you in")]
    public async Task Who_has_no_role_or_is_not_let_in_is_told_so_and_gets_no_cookie(string who, string told)
    {
        ConsoleBrowser.Require();
        var page = await console.OpenAsync();
        await page.GotoAsync("/console/");
        await SignInAsync(page, who);

        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync(told);
        Assert.DoesNotContain(await page.Context.CookiesAsync(), c => c.Name is "sluice-console");
    }

    [Fact]
    public async Task A_code_that_the_browser_did_not_ask_for_signs_nobody_in()
    {
        ConsoleBrowser.Require();
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var attacker = new HttpClient(handler) { BaseAddress = console.Gateway.Sluice.Admin };
        var begun = await attacker.GetAsync("/console/oidc");
        var there = await attacker.GetAsync(begun.Headers.Location!.ToString().Replace("/oidc/authorize?", "/oidc/choose?who=ada&", StringComparison.Ordinal));

        // Another browser is led to the callback with the attacker's code and state.
        using var victim = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await victim.GetAsync(there.Headers.Location);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/console/sign-in?failed=provider", answer.Headers.Location!.ToString());
        Assert.DoesNotContain(answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], c => c.StartsWith("sluice-console=", StringComparison.Ordinal));
    }

    private static async Task SignInAsync(IPage page, string who)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with localhost" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = who }).ClickAsync();
    }
}
