using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Sluice.Silo.Admin;

/// <summary>The description of the API, made from what the endpoints declare: OpenAPI 3.1 at <c>/openapi/v1.json</c>.</summary>
internal static class AdminOpenApi
{
    /// <summary>The extension that names an operation's least role.</summary>
    public const string RoleExtension = "x-sluice-role";

    /// <summary>The extension that names the least role of keys that are bound to a tenant, where an operation is open to them.</summary>
    public const string TenantRoleExtension = "x-sluice-tenant-role";

    private const string SchemeName = "adminKey";

    public static IServiceCollection AddAdminOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Sluice admin API",
                Version = typeof(AdminOpenApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
                Description = "Resources, revisions, tenants, keys and usage. Errors are RFC 9457 problem details with a stable type.",
            };
            document.Servers = [];
            document.AddComponent<IOpenApiSecurityScheme>(SchemeName, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An admin key: slc_admin_…",
            });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(Describe);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (OpenApiExamples.Of(context.JsonTypeInfo.Type) is { } example)
            {
                schema.Examples = [example];
            }

            return Task.CompletedTask;
        });
    });

    public static void Map(WebApplication app) =>
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new Declaration(null, []));

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Declaration>().FirstOrDefault() is not { Role: { } role } declaration)
        {
            return Task.CompletedTask;
        }

        operation.AddExtension(RoleExtension, new JsonNodeExtension(JsonValue.Create(Enums.NameOf(role))));
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<TenantAccess>().FirstOrDefault() is { } access)
        {
            operation.AddExtension(TenantRoleExtension, new JsonNodeExtension(JsonValue.Create(Enums.NameOf(access.Role))));
        }

        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeName, context.Document)] = [] }];
        operation.Parameters ??= [];
        foreach (var parameter in declaration.Query)
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Schema = new OpenApiSchema { Type = Enum.Parse<JsonSchemaType>(parameter.Type, ignoreCase: true) },
            });
        }

        if (declaration.Query.Contains(ApplyEndpoints.Reason) || string.Equals(operation.OperationId, "rollback", StringComparison.Ordinal))
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "The revision that the caller saw, such as 42; with another one active the answer is 409 and names what differs.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        foreach (var (type, body) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal))
        {
            if (OpenApiExamples.OfBody(operation.OperationId!) is { } example)
            {
                // An example of YAML is a text; and JSON is YAML too.
                body.Example = type.EndsWith("json", StringComparison.Ordinal) ? example : JsonValue.Create(example.ToJsonString());
            }
        }

        return Task.CompletedTask;
    }
}
