using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sluice.Tests.Console;

/// <summary>Who gets in, what the browser is given, and what roles see.</summary>
public sealed class SessionTests(ConsoleBrowser console)
{
    [Fact]
    public async Task The_cookie_is_the_servers_alone_and_holds_no_key_and_signing_out_ends_it()
    {
        ConsoleBrowser.Require();
        var page = await console.OpenAsync();
        await page.GotoAsync("/");
        await page.GetByLabel("Admin key").FillAsync("slc_admin_not_a_key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no valid admin key");

        await page.GetByLabel("Admin key").FillAsync(console.Gateway.AdminKey);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        var cookies = await page.Context.CookiesAsync();
        var session = Assert.Single(cookies, c => c.Name is "sluice-console");
        Assert.True(session.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, session.SameSite);
        Assert.DoesNotContain(cookies, c => c.Value.Contains(console.Gateway.AdminKey[10..], StringComparison.Ordinal));

        await page.GotoAsync("/console/sign-out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByLabel("Admin key").WaitForAsync();
        await page.GotoAsync("/console/revisions");
        await Expect(page.GetByLabel("Admin key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_viewer_sees_no_way_to_change_things_and_is_shown_out_when_its_key_is_revoked()
    {
        ConsoleBrowser.Require();
        var created = await console.Gateway.Admin.PostAsync("admin-keys", new { name = "console viewer", role = "viewer" });
        var page = await console.SignInAsync(created.GetProperty("key").GetString());

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Admin keys" })).ToHaveCountAsync(0);
        await page.GotoAsync("/console/operators");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your role does not allow this" })).ToBeVisibleAsync();
        await page.GotoAsync("/console/kinds/models/sandbox");
        await page.GetByLabel("sandbox as YAML").WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Edit" })).ToHaveCountAsync(0);
        await page.GotoAsync("/console/tenants");
        await page.GetByRole(AriaRole.Link, new() { Name = "default", Exact = true }).WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make a tenant" })).ToHaveCountAsync(0);

        await console.Gateway.Admin.DeleteAsync($"admin-keys/{created.GetProperty("id").GetString()}");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("An admin key is needed");
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Admin key")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_is_signed_in_for_one_tenant_manages_that_and_is_shown_nothing_else()
    {
        ConsoleBrowser.Require();
        var tenant = $"c{Guid.NewGuid():n}"[..12];
        await console.Gateway.Admin.CreateTenantAsync(tenant);
        var created = await console.Gateway.Admin.PostAsync("admin-keys", new { name = "its admin", role = "tenant-admin", tenant });
        var page = await console.OpenAsync();
        await page.GotoAsync("/console/");
        await page.GetByLabel("Admin key").FillAsync(created.GetProperty("key").GetString()!);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await page.GetByRole(AriaRole.Heading, new() { Name = $"Tenant {tenant}" }).WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link)).ToHaveTextAsync(["Keys and budgets", "Subscriptions", "Calls", "Analysis", "Usage"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await page.GetByText("shown only this once").WaitForAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Refuse all of its keys" })).ToHaveCountAsync(0);
        await page.GotoAsync("/console/usage");
        await Expect(page.GetByLabel("Tenant").Locator("option")).ToHaveTextAsync([tenant]);
        await page.GotoAsync("/console/revisions");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your role does not allow this" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = tenant }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = $"Tenant {tenant}" }).WaitForAsync();
        await page.GotoAsync("/console/tenants/default");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no tenant 'default'");
    }

    [Theory]
    [InlineData("/console/revisions", HttpStatusCode.Redirect)]
    [InlineData("/console/_blazor/negotiate?negotiateVersion=1", HttpStatusCode.Unauthorized)]
    [InlineData("/console/sign-in", HttpStatusCode.OK)]
    public async Task Without_a_cookie_there_is_nothing_but_the_sign_in_and_its_policy_is_strict(string path, HttpStatusCode expected)
    {
        ConsoleBrowser.Require();
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = console.Gateway.Sluice.Admin };

        using var answer = await client.SendAsync(new HttpRequestMessage(path.Contains("_blazor", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path));

        Assert.Equal(expected, answer.StatusCode);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_signs_nobody_in()
    {
        ConsoleBrowser.Require();
        using var client = new HttpClient { BaseAddress = console.Gateway.Sluice.Admin };
        using var form = new FormUrlEncodedContent([new("_handler", "sign-in"), new("Key", console.Gateway.AdminKey)]);

        using var answer = await client.PostAsync("/console/sign-in", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie") && answer.Headers.GetValues("Set-Cookie").Any(c => c.StartsWith("sluice-console", StringComparison.Ordinal)));
    }
}
