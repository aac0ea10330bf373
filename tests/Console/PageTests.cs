using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Console;

/// <summary>Every page, looked at by axe as people with different needs would. With <c>SLUICE_WRITE_PICTURES=1</c> the pictures of docs/images are taken anew.</summary>
public sealed class PageTests(ConsoleBrowser console)
{
    private static readonly (string Path, string Heading, string Picture)[] Pages =
    [
        ("", "Overview", "overview"),
        ("fleet", "Fleet", "fleet"),
        ("calls", "Calls", "calls"),
        ("alerts", "Alerts", "alerts"),
        ("analysis", "Analysis", "analysis"),
        ("usage?tenant=page", "Usage", "usage"),
        ("playground", "Playground", "playground"),
        ("revisions", "Revisions", "revisions"),
        ("revisions/2", "Revision 2", "revision"),
        ("reloads", "Reloads", "reloads"),
        ("rollouts", "Rollouts and canaries", "rollouts"),
        ("rollouts/page-rollout", "Rollout page-rollout", "rollout"),
        ("apply", "Publish a bundle", "apply"),
        ("audit", "Audit", "audit"),
        ("kinds", "What is declared", "kinds"),
        ("kinds/routes", "Routes", "routes"),
        ("kinds/routes/page", "page", "route"),
        ("kinds/secrets", "Secrets", "secrets"),
        ("new/models", "New Model", "new"),
        ("models/sandbox", "Model sandbox", "model"),
        ("prompts", "Prompts", "prompts"),
        ("prompts/summary-trial", "Prompt summary-trial", "prompt"),
        ("certificates", "Certificates", "certificates"),
        ("tenants", "Tenants", "tenants"),
        ("tenants/page", "Tenant page", "tenant"),
        ("subscriptions", "Subscriptions", "subscriptions"),
        ("budgets", "Budgets and limits", "budgets"),
        ("budgets/page", "Budget page", "budget"),
        ("settings", "Settings and flags", "settings"),
        ("operators", "Admin keys", "operators"),
        ("nowhere", "There is no such page", "missing"),
    ];

    // Those that have something of their own: the others are made of the same tables.
    private static readonly string[] OnPhone = ["overview", "calls", "reloads", "usage", "playground", "revision", "rollout", "route", "prompt", "tenant", "budgets", "budget", "call"];

    // What a page reads comes after its heading: it is looked at when nothing was drawn for a moment.
    private const string Settled = """
        () => new Promise(done => {
          let quiet = setTimeout(done, 200);
          const bound = setTimeout(done, 3000);
          new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(done, 200); }).observe(document.body, { subtree: true, childList: true, characterData: true });
        })
        """;

    // The pages are one document: axe is brought into it once.
    private const string Violations = """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
          .map(v => `${v.id} ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html).join(' | ')}`)
        """;

    private const string Bundle = """
        kind: Upstream
        name: page
        addresses: [http://127.0.0.1:9]
        ---
        kind: Upstream
        name: page-new
        addresses: [http://127.0.0.1:9]
        ---
        kind: Route
        name: page
        match: { path: '/page/{**rest}' }
        split: [{ upstream: page, weight: 9000 }, { upstream: page-new, weight: 1000 }]
        ---
        kind: Model
        name: page
        targets: [{ provider: sandbox, model: sandbox }]
        price: { input: 0.15 USD, output: 0.60 USD }
        ---
        kind: Cache
        name: page
        age: 1h
        ---
        kind: Model
        name: page-kept
        targets: [{ provider: sandbox, model: "sandbox?tokens=30" }]
        price: { input: 1.50 USD, output: 6 USD }
        cache: page
        logBodies: {}
        ---
        kind: Product
        name: page
        models: [page]
        access: subscription
        approval: manual
        ---
        kind: Budget
        name: page
        subject: tenant/page
        amount: { tokens: 2000 }
        window: { every: month }
        ---
        kind: Limit
        name: page
        subject: tenant/page
        requests: { per: minute, amount: 600, burst: 60 }
        ---
        kind: Secret
        name: page
        value: nobody sees it
        ---
        kind: Setting
        name: page
        app: orders
        values: { database: { host: db-1.internal, port: 5432 } }
        ---
        kind: Flag
        name: page-flag
        app: orders
        default: false
        rules: [{ share: 500, value: true }]
        """;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Axe_finds_no_violation_on_any_page(bool isPhone, bool isDark)
    {
        ConsoleBrowser.Require();
        await FurnishAsync(console.Gateway);
        var call = await Eventually.GetAsync(async () => Id((await console.Gateway.Admin.GetAsync("calls?tenant=page&status=200&limit=1")).GetProperty("items")), "the call log has a call");
        var found = new List<string>();
        var page = await console.SignInAsync(isPhone: isPhone, isDark: isDark);
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                found.Add($"{page.Url}: the browser says {message.Text}");
            }
        };
        await page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        foreach (var (path, heading, picture) in Pages.Append((Path: $"calls/{call}?tenant=page", Heading: $"Call {call}", Picture: "call")).Where(p => !isPhone || OnPhone.Contains(p.Picture)))
        {
            await page.EvaluateAsync("path => Blazor.navigateTo(path)", $"/console/{path}");
            await page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 }).First.WaitForAsync();
            await page.EvaluateAsync(Settled);
            found.AddRange((await page.EvaluateAsync<string[]>(Violations)).Select(violation => $"/{path}: {violation}"));
            found.AddRange(await OverflowAsync(page, path));
            await TakeAsync(page, picture + (isPhone ? "-phone" : ""));
        }

        Assert.True(found.Count == 0, string.Join('\n', found));

        // And it does look.
        await page.EvaluateAsync("() => document.querySelector('main').append(new Image())");
        Assert.Contains(await page.EvaluateAsync<string[]>(Violations), violation => violation.StartsWith("image-alt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Axe_finds_no_violation_where_people_sign_in(bool isDark)
    {
        ConsoleBrowser.Require();
        var page = await console.OpenAsync(isDark: isDark);
        await page.GotoAsync("/console/sign-in?failed=role");
        await page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());

        Assert.Empty(await page.EvaluateAsync<string[]>(Violations));
        await TakeAsync(page, "sign-in" + (isDark ? "-dark" : ""));
    }

    private static string? Id(JsonElement calls) => calls.GetArrayLength() > 0 ? calls[0].GetProperty("request").GetString() : null;

    // Something to see on each page.
    private static async Task FurnishAsync(Gateway gateway)
    {
        if ((await gateway.Admin.GetAsync("tenants")).GetProperty("items").EnumerateArray().Any(t => t.GetProperty("name").GetString() is "page"))
        {
            return;
        }

        await gateway.Admin.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "examples", "prompts.yaml")));
        await gateway.ApplyAsync(Bundle);
        var (_, key) = await gateway.Admin.CreateTenantAsync("page");
        await gateway.Admin.PostAsync("tenants/page/subscriptions", new { product = "page", note = "for the new shop" });
        await gateway.Admin.PostAsync("calls/bodies/holds", new { tenant = "page", user = "ada", why = "matter 2026-17" });
        await gateway.Admin.SendAsync(HttpMethod.Post, "apply", "kind: Upstream\nname: page\nadresses: [http://127.0.0.1:9]", "application/yaml");
        using var client = gateway.Client(key);
        foreach (var model in new[] { "page-kept", "page-kept", "page-kept", "sandbox", "sandbox", "none" })
        {
            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{model}}","max_tokens":40,"messages":[{"role":"user","content":"Hello"}]}"""));
            Assert.True(model is "none" || answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        await gateway.Admin.PostAsync("rollouts", new { name = "page-rollout", route = "page", from = "page", to = "page-new", steps = new object[] { new { share = 2000, hold = "10m" }, new { share = 10000 } }, guards = new { errorRate = new { worse = 0.01 } } });
    }

    // A page is never wider than its window: tables scroll within themselves.
    private static async Task<IEnumerable<string>> OverflowAsync(IPage page, string path) =>
        await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth + 1") ? [$"/{path}: is wider than the window"] : [];

    private static async Task TakeAsync(IPage page, string name)
    {
        if (ConsoleBrowser.TakesPictures)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "docs", "images", $"console-{name}.png"), FullPage = false });
        }
    }
}
