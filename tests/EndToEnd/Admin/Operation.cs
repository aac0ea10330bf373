using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>One operation of the OpenAPI document that a gateway serves.</summary>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Role">As declared; null where it declares none.</param>
/// <param name="TenantRole">For keys of one tenant; null where it is closed to them.</param>
/// <param name="Statuses">The statuses that it describes.</param>
/// <param name="Body">The example of its JSON body; null where it takes no body.</param>
internal sealed record Operation(string Id, HttpMethod Method, string Path, string? Role, string? TenantRole, string[] Statuses, JsonElement? Body)
{
    /// <summary>The path below <c>/api/v1/</c> with a value for each parameter.</summary>
    public string Fill(string value) => string.Join('/', Path["/api/v1/".Length..].Split('/').Select(part => part switch
    {
        "{revision}" => "1",
        ['{', ..] => value,
        _ => part,
    }));

    /// <summary>The document as it is served.</summary>
    public static async Task<JsonElement> DocumentAsync(Gateway gateway)
    {
        using var client = new HttpClient();
        return JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(new Uri(gateway.Sluice.Admin, "/openapi/v1.json")));
    }

    /// <summary>All operations of the document.</summary>
    public static async Task<Operation[]> AllAsync(Gateway gateway) =>
    [
        .. from path in (await DocumentAsync(gateway)).GetProperty("paths").EnumerateObject()
           from method in path.Value.EnumerateObject()
           select Read(path.Name, method),
    ];

    private static Operation Read(string path, JsonProperty method)
    {
        JsonElement? body = null;
        if (method.Value.TryGetProperty("requestBody", out var described)
            && described.GetProperty("content").GetProperty("application/json").TryGetProperty("example", out var example))
        {
            body = example;
        }

        return new Operation(
            method.Value.GetProperty("operationId").GetString()!,
            HttpMethod.Parse(method.Name),
            path,
            method.Value.TryGetProperty("x-sluice-role", out var role) ? role.GetString() : null,
            method.Value.TryGetProperty("x-sluice-tenant-role", out var ofTenant) ? ofTenant.GetString() : null,
            [.. method.Value.GetProperty("responses").EnumerateObject().Select(r => r.Name)],
            body);
    }
}
