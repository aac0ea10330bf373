using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>Who may do what: every operation of the OpenAPI document for every kind of caller.</summary>
public sealed class RoleTests(SharedGateway shared)
{
    private static readonly string[] Roles = ["viewer", "operator", "admin"];

    // Nothing is called so: what a role allows is refused with 404 or 400, and nothing is changed by the walk.
    private const string Nobody = "nothing-is-called-so";

    [Fact]
    public async Task Every_operation_declares_a_known_role()
    {
        var operations = await Operation.AllAsync(shared.Gateway);

        Assert.NotEmpty(operations);
        Assert.All(operations, o => Assert.Contains(o.Role, Roles));
    }

    [Fact]
    public async Task Every_operation_asks_for_a_key_that_is_valid()
    {
        string?[] keys = [null, "", "nonsense", "slc_admin_" + new string('a', 49), shared.Gateway.TenantKey];

        foreach (var operation in await Operation.AllAsync(shared.Gateway))
        {
            foreach (var key in keys)
            {
                var (status, type) = await CallAsync(operation, key);
                Assert.True(status is HttpStatusCode.Unauthorized, $"{operation.Id} answered {status} to the key '{key}'");
                Assert.Equal("urn:sluice:problem:unauthenticated", type);
            }
        }
    }

    [Fact]
    public async Task Every_role_is_allowed_exactly_what_is_declared()
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var role in Roles)
        {
            var made = await shared.Gateway.Admin.PostAsync("admin-keys", new { name = $"matrix {role}", role, readsBodies = true });
            keys[role] = made.GetProperty("key").GetString()!;
        }

        foreach (var operation in await Operation.AllAsync(shared.Gateway))
        {
            foreach (var role in Roles)
            {
                var allowed = Array.IndexOf(Roles, role) >= Array.IndexOf(Roles, operation.Role);
                var (status, _) = await CallAsync(operation, keys[role]);
                Assert.True(
                    allowed ? status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) : status is HttpStatusCode.Forbidden,
                    $"{operation.Id}, declared for {operation.Role}, answered {status} to a {role}");
                Assert.Contains(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), operation.Statuses);
            }
        }
    }

    [Fact]
    public async Task A_key_of_one_tenant_is_allowed_exactly_what_is_declared_and_finds_nothing_of_another()
    {
        string[] roles = ["tenant-viewer", "tenant-admin"];
        var tenant = $"r{Guid.NewGuid():n}"[..12];
        await shared.Gateway.Admin.CreateTenantAsync(tenant);
        var operations = await Operation.AllAsync(shared.Gateway);
        Assert.All(operations, operation => Assert.True(operation.TenantRole is null || roles.Contains(operation.TenantRole)));
        Assert.Contains(operations, operation => operation.TenantRole is not null);
        foreach (var role in roles)
        {
            var key = (await shared.Gateway.Admin.PostAsync("admin-keys", new { name = $"matrix {role}", role, tenant })).GetProperty("key").GetString()!;
            foreach (var operation in operations)
            {
                var allowed = operation.TenantRole is { } least && Array.IndexOf(roles, role) >= Array.IndexOf(roles, least);
                var (status, _) = await CallAsync(operation, key);
                Assert.True(
                    allowed ? status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) : status is HttpStatusCode.Forbidden,
                    $"{operation.Id}, of tenants for {operation.TenantRole ?? "nobody"}, answered {status} to a {role}");
                Assert.True(!allowed || !operation.Path.Contains("{tenant}", StringComparison.Ordinal) || status is HttpStatusCode.NotFound, $"{operation.Id} answered {status} about another tenant");
            }
        }
    }

    [Fact]
    public async Task A_revoked_admin_key_is_refused_by_the_next_call()
    {
        var made = await shared.Gateway.Admin.PostAsync("admin-keys", new { name = "to be revoked", role = "viewer" });
        using var admin = new AdminApi(shared.Gateway.Sluice.Admin, made.GetProperty("key").GetString()!);
        Assert.Equal("to be revoked", (await admin.GetAsync("whoami")).GetProperty("name").GetString());

        await shared.Gateway.Admin.DeleteAsync($"admin-keys/{made.GetProperty("id").GetString()}");

        var (status, _) = await admin.SendAsync(HttpMethod.Get, "whoami", null);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    [Fact]
    public async Task The_last_key_of_role_admin_stays()
    {
        await using var gateway = await Gateway.StartAsync();
        var id = (await gateway.Admin.GetAsync("whoami")).GetProperty("id").GetString();

        var (status, problem) = await gateway.Admin.SendAsync(HttpMethod.Delete, $"admin-keys/{id}", null);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("urn:sluice:problem:last-admin-key", problem.GetProperty("type").GetString());
        Assert.Equal(id, (await gateway.Admin.GetAsync("whoami")).GetProperty("id").GetString());
    }

    private async Task<(HttpStatusCode Status, string? Type)> CallAsync(Operation operation, string? key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(shared.Gateway.Sluice.Admin, "/api/v1/") };
        using var request = new HttpRequestMessage(operation.Method, operation.Fill(Nobody));
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        if (operation.Body is not null)
        {
            request.Content = new StringContent("[]", Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        }

        // Of events only the head is awaited: they have no end.
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var type = answer.Content.Headers.ContentType?.MediaType is "application/problem+json"
            ? JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("type").GetString()
            : null;
        return (answer.StatusCode, type);
    }
}
