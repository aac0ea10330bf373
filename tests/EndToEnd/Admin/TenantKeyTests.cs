using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>Two tenants, each with a call, and an admin key of the first alone.</summary>
public sealed class TwoTenants(SharedGateway shared) : IAsyncLifetime
{
    public Gateway Gateway => shared.Gateway;

    public string Own { get; } = $"t{Guid.NewGuid():n}"[..12];

    public string Other { get; } = $"u{Guid.NewGuid():n}"[..12];

    public AdminApi Admin { get; private set; } = null!;

    public string OwnCall { get; private set; } = "";

    public string OtherCall { get; private set; } = "";

    public string OtherKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var (_, own) = await Gateway.Admin.CreateTenantAsync(Own);
        (OtherKey, var other) = await Gateway.Admin.CreateTenantAsync(Other);
        (OwnCall, OtherCall) = (await AskAsync(own), await AskAsync(other));
        Admin = new AdminApi(Gateway.Sluice.Admin, (await MakeAsync("tenant-admin")).GetProperty("key").GetString()!);
        await Gateway.ApplyAsync($$"""
            { kind: Product, name: {{Own}}, access: subscription, approval: manual, models: [sandbox-of-{{Own}}] }
            ---
            { kind: Model, name: sandbox-of-{{Own}}, targets: [{ provider: sandbox, model: sandbox }] }
            ---
            { kind: Budget, name: {{Own}}, subject: tenant/{{Own}}, amount: { requests: 1000 }, window: { every: month } }
            ---
            { kind: Budget, name: {{Other}}, subject: tenant/{{Other}}, amount: { requests: 1000 }, window: { every: month } }
            """);
    }

    /// <summary>Makes a key of the first tenant.</summary>
    public Task<JsonElement> MakeAsync(string role) => Gateway.Admin.PostAsync("admin-keys", new { name = $"key of {Own}", role, tenant = Own });

    public ValueTask DisposeAsync()
    {
        Admin.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> AskAsync(string key)
    {
        using var client = Gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}"""));
        return answer.Headers.GetValues("sluice-request-id").Single();
    }
}

/// <summary>Admin keys that are for one tenant alone: what they manage, what they are shown, and that nothing of another tenant is among it.</summary>
public sealed class TenantKeyTests(TwoTenants tenants) : IClassFixture<TwoTenants>
{
    private readonly string _own = tenants.Own;
    private readonly string _other = tenants.Other;
    private readonly AdminApi _admin = tenants.Admin;
    private readonly string _ownCall = tenants.OwnCall;
    private readonly string _otherCall = tenants.OtherCall;
    private readonly string _otherKey = tenants.OtherKey;

    private Gateway Gateway => tenants.Gateway;

    [Fact]
    public async Task It_manages_its_tenants_keys_and_subscriptions_and_no_others()
    {
        Assert.Equal((_own, "tenant-admin"), (Text(await _admin.GetAsync("whoami"), "tenant"), Text(await _admin.GetAsync("whoami"), "role")));
        var (id, key) = await _admin.CreateKeyAsync(_own);
        using (var client = Gateway.Client(key))
        {
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/models")).StatusCode);
        }

        await _admin.PostAsync($"tenants/{_own}/keys/{id}/rotate");
        await _admin.DeleteAsync($"tenants/{_own}/keys/{id}");
        var (status, scoped) = await _admin.SendAsync(HttpMethod.Post, $"tenants/{_own}/keys", """{"scopes":["orders.read"]}""");
        Assert.Equal((HttpStatusCode.BadRequest, "scopes"), (status, Text(scoped.GetProperty("errors")[0], "path")));

        Assert.Equal("requested", Text(await _admin.PostAsync($"tenants/{_own}/subscriptions", new { product = _own }), "state"));
        var (approved, refusal) = await _admin.SendAsync(HttpMethod.Post, $"subscriptions/{_own}~{_own}/approve", null);
        Assert.Equal(HttpStatusCode.Forbidden, approved);
        Assert.Equal($"This needs the role operator; 'key of {_own}' is tenant-admin of tenant '{_own}', and may do nothing but what concerns that tenant.", Text(refusal, "detail"));
        await Gateway.Admin.PostAsync($"subscriptions/{_own}~{_own}/approve");
        Assert.Equal("withdrawn", Text(await _admin.PostAsync($"subscriptions/{_own}~{_own}/withdraw"), "state"));

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Post, $"tenants/{_other}/keys"), (HttpMethod.Post, $"tenants/{_other}/keys/{_otherKey}/rotate"), (HttpMethod.Delete, $"tenants/{_other}/keys/{_otherKey}"),
            (HttpMethod.Post, $"tenants/{_own}/keys/{_otherKey}/rotate"), (HttpMethod.Delete, $"tenants/{_own}/keys/{_otherKey}"), (HttpMethod.Post, $"subscriptions/{_other}~{_own}/withdraw"),
        })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(method, path, null)).Status);
        }
    }

    [Fact]
    public async Task Of_another_tenant_it_is_told_as_if_there_were_none()
    {
        foreach (var path in new[] { "tenants/{0}", "tenants/{0}/keys", "tenants/{0}/usage", "tenants/{0}/subscriptions", "tenants/{0}/budgets", "budgets/{0}/status", "budgets/{0}/forecast", "budgets/{0}/status?subject=tenant/{0}" })
        {
            var there = await _admin.SendAsync(HttpMethod.Get, path.Replace("{0}", _other, StringComparison.Ordinal), null);
            var nowhere = await _admin.SendAsync(HttpMethod.Get, path.Replace("{0}", "nobody-here", StringComparison.Ordinal), null);
            Assert.Equal(HttpStatusCode.NotFound, there.Status);
            Assert.Equal(nowhere.Body.ToString(), there.Body.ToString().Replace(_other, "nobody-here", StringComparison.Ordinal));
        }

        // That the budget binds somebody else is not told by what is wrong with the subject either.
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(HttpMethod.Get, $"budgets/{_other}/status?subject=tenant/{_own}", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _admin.SendAsync(HttpMethod.Get, $"calls/{_otherCall}", null)).Status);
        foreach (var path in new[] { "calls", "calls/export", "attempts", "analysis/figures", "analysis/anomalies" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await _admin.SendAsync(HttpMethod.Get, $"{path}?tenant={_other}", null)).Status);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.SendAsync(HttpMethod.Get, $"analysis/compare?by=tenant&a={_own}&b={_other}", null)).Status);
    }

    [Fact]
    public async Task What_is_listed_is_its_tenants_alone()
    {
        await Eventually.TrueAsync(async () => (await _admin.GetAsync("calls")).GetProperty("items").GetArrayLength() > 0, "its call is in the log");
        await Eventually.TrueAsync(async () => (await Gateway.Admin.GetAsync($"calls?tenant={_other}")).GetProperty("items").GetArrayLength() > 0, "the other's call is in the log");

        Assert.Equal([_ownCall], Each(await _admin.GetAsync("calls"), "items", "request"));
        Assert.Equal(_ownCall, Text(await _admin.GetAsync($"calls/{_ownCall}"), "request"));
        Assert.Equal([_own], Each(await _admin.GetAsync("tenants"), "items", "name"));
        Assert.All(Each(await _admin.GetAsync("subscriptions"), "items", "tenant"), tenant => Assert.Equal(_own, tenant));
        Assert.Equal([_own], Each(await _admin.GetAsync($"tenants/{_own}/budgets"), "items", "budget"));
        Assert.Equal(_own, Assert.Single((await _admin.GetAsync("analysis/figures?by=tenant")).GetProperty("rows").EnumerateArray()).GetProperty("of").GetProperty("tenant").GetString());
        Assert.All(Each(await _admin.GetAsync("attempts"), "items", "tenant"), tenant => Assert.Equal(_own, tenant));
    }

    [Fact]
    public async Task Events_are_of_its_tenant_alone()
    {
        var made = await Gateway.Admin.CreateKeyAsync(_other);
        var last = await Gateway.Admin.CreateKeyAsync(_own);
        using var client = new HttpClient { BaseAddress = new Uri(Gateway.Sluice.Admin, "/api/v1/") };
        using var request = new HttpRequestMessage(HttpMethod.Get, "events?after=0");
        request.Headers.Authorization = new("Bearer", (await tenants.MakeAsync("tenant-viewer")).GetProperty("key").GetString());
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var subjects = new List<string>();
        for (string? line; !subjects.Contains($"{_own}/{last.Id}") && (line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20))) is not null;)
        {
            if (line.StartsWith("data: {\"number\"", StringComparison.Ordinal))
            {
                var change = JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]);
                Assert.Equal("", Text(change.GetProperty("author"), "from"));
                subjects.Add(Text(change, "subject"));
            }
        }

        Assert.Contains(_own, subjects);
        Assert.All(subjects, subject => Assert.StartsWith(_own, subject, StringComparison.Ordinal));
        Assert.DoesNotContain($"{_other}/{made.Id}", subjects);
    }

    [Theory]
    [InlineData("tenant-admin", null, "tenant")]
    [InlineData("operator", "default", "tenant")]
    [InlineData("tenant-viewer", "nobody-here", "tenant")]
    [InlineData("owner", null, "role")]
    public async Task A_key_of_a_tenant_is_made_for_one_that_is_there_with_a_role_of_tenants(string role, string? tenant, string field)
    {
        var (status, problem) = await Gateway.Admin.SendAsync(HttpMethod.Post, "admin-keys", JsonSerializer.Serialize(new { name = "x", role, tenant }));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, problem.GetProperty("errors")[0].GetProperty("path").GetString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Each(JsonElement list, string items, string field) => list.GetProperty(items).EnumerateArray().Select(item => Text(item, field));

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;
}
