using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>The description of the API is valid, whole and true.</summary>
public sealed class OpenApiTests(SharedGateway shared)
{
    [Fact]
    public async Task The_document_is_valid_OpenAPI_31()
    {
        var folder = Path.Combine(Repository.Root, "tests", "EndToEnd", "node");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), "the validator is not installed: npm ci in tests/EndToEnd/node (./test does so where npm is)");
        var document = await Operation.DocumentAsync(shared.Gateway);
        Assert.StartsWith("3.1.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);

        using var validator = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "validate.mjs")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        await validator.StandardInput.WriteAsync(document.ToString());
        validator.StandardInput.Close();
        var verdict = await validator.StandardOutput.ReadToEndAsync();
        await validator.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("valid", verdict.Trim());
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_a_summary_and_its_problems()
    {
        var operations = await Operation.AllAsync(shared.Gateway);

        Assert.Equal(operations.Length, operations.Select(o => o.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.All(operations, o => Assert.Subset(o.Statuses.ToHashSet(StringComparer.Ordinal), new HashSet<string>(["401", "403", "503"], StringComparer.Ordinal)));
        var document = await Operation.DocumentAsync(shared.Gateway);
        foreach (var described in document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()))
        {
            Assert.NotEmpty(described.Value.GetProperty("summary").GetString()!);
            foreach (var answer in described.Value.GetProperty("responses").EnumerateObject().Where(r => r.Name[0] is '4' or '5'))
            {
                Assert.Equal(
                    "#/components/schemas/Problem",
                    answer.Value.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
            }
        }
    }

    [Fact]
    public async Task The_example_of_every_body_is_accepted_as_it_stands()
    {
        var admin = shared.Gateway.Admin;
        var operations = (await Operation.AllAsync(shared.Gateway)).Where(o => o.Method == HttpMethod.Put || o.Method == HttpMethod.Post).ToDictionary(o => o.Id, StringComparer.Ordinal);
        string[] order =
        [
            "put-upstreams", "put-routes", "put-secrets", "put-providers", "put-models", "put-products", "put-budgets", "put-canaries", "put-caches", "purge-cache", "put-certificate-authorities", "put-webhooks", "put-alerts", "put-limits", "put-prices", "put-settings", "put-flags", "put-workspaces", "apply", "explain", "replay", "silence-alert", "start-rollout", "create-tenant", "create-key", "hold-call-bodies", "create-admin-key",
            "request-subscription", "reject-subscription", "request-subscription", "approve-subscription", "withdraw-subscription",
        ];
        foreach (var operation in order.Select(id => operations[id]))
        {
            var (status, answer) = await admin.SendAsync(operation.Method, operation.Fill(operation.Id is "put-workspaces" ? "default" : operation.Path.Contains("/subscriptions/{id}", StringComparison.Ordinal) ? "example~example" : "example"), operation.Body.ToString());
            Assert.True((int)status < 300, $"{operation.Id}: {answer}");
        }

        var key = (await admin.GetAsync("tenants/example/keys")).GetProperty("items")[0].GetProperty("id").GetString();
        await admin.PostAsync($"tenants/example/keys/{key}/rotate", operations["rotate-key"].Body);

        // The rollback would take others' resources away: the shape of its body is checked by an If-Match that holds no more.
        var (conflict, _) = await admin.SendAsync(HttpMethod.Post, "rollback", operations["rollback"].Body.ToString(), ifMatch: "1");
        Assert.Equal(HttpStatusCode.Conflict, conflict);
    }

    [Fact]
    public async Task The_page_of_the_API_names_every_operation()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "admin-api.md"), TestContext.Current.CancellationToken);

        foreach (var operation in await Operation.AllAsync(shared.Gateway))
        {
            var path = operation.Path["/api/v1".Length..];
            var ofKinds = string.Create(CultureInfo.InvariantCulture, $"`{operation.Method} /{{kind}}{(path.Count(c => c is '/') > 1 ? "/{name}" : "")}`");
            var own = $"`{operation.Method} {path}`";
            Assert.True(page.Contains(own, StringComparison.Ordinal) || (IsOfKinds(operation) && page.Contains(ofKinds, StringComparison.Ordinal)), $"docs/admin-api.md does not name {own}");
        }
    }

    private static bool IsOfKinds(Operation operation) => operation.Id is "list-certificate-authorities" or "get-certificate-authorities" or "put-certificate-authorities" or "delete-certificate-authorities" || operation.Id.Split('-') is ["list" or "get" or "put" or "delete", "routes" or "upstreams" or "models" or "providers" or "products" or "issuers" or "budgets" or "canaries" or "webhooks" or "alerts" or "caches" or "limits" or "prices" or "prompts" or "certificates" or "secrets" or "settings" or "flags" or "workspaces"];
}
