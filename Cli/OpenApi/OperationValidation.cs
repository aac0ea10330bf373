using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Sluice.Cli.OpenApi;

/// <summary>Makes a route's <c>validate</c> of an operation's parameters and body.</summary>
/// <param name="schemas">Makes their schemas.</param>
/// <param name="note">Takes what is left out.</param>
/// <param name="isStrictQuery">Whether parameters of the query that are not described are refused.</param>
internal sealed class OperationValidation(SchemaImport schemas, Action<string> note, bool isStrictQuery)
{
    // By the specification these are described elsewhere.
    private static readonly string[] Elsewhere = ["accept", "content-type", "authorization", "api-key", "x-api-key", "x-goog-api-key"];

    /// <summary>The fields; null: nothing is asked for.</summary>
    public JsonObject? Of(string where, IOpenApiPathItem item, OpenApiOperation operation)
    {
        var validate = new JsonObject();
        var parameters = (operation.Parameters ?? []).Concat(item.Parameters ?? []).DistinctBy(p => (p.In, p.Name)).ToArray();
        Put(validate, "path", ParameterLocation.Path, where, parameters);
        Put(validate, "query", ParameterLocation.Query, where, parameters);
        Put(validate, "headers", ParameterLocation.Header, where, parameters);
        if (isStrictQuery)
        {
            validate["strictQuery"] = true;
        }

        if (BodyOf(where, operation.RequestBody) is { } body)
        {
            validate["body"] = body;
        }

        return validate.Count > 0 ? validate : null;
    }

    private void Put(JsonObject to, string field, ParameterLocation place, string where, IEnumerable<IOpenApiParameter> parameters)
    {
        var values = new JsonObject();
        foreach (var parameter in parameters.Where(p => p.In == place && p.Name is not null && !(place is ParameterLocation.Header && Elsewhere.Contains(p.Name, StringComparer.OrdinalIgnoreCase))))
        {
            var value = new JsonObject();
            if (parameter.Required && place is not ParameterLocation.Path)
            {
                value["required"] = true;
            }

            if (IsPlain(parameter) && schemas.Import(parameter.Schema, $"{where}: {parameter.Name}") is { } schema)
            {
                value["schema"] = schema;
            }

            if (value.Count > 0)
            {
                values[parameter.Name!] = value;
            }
            else if (isStrictQuery && place is ParameterLocation.Query)
            {
                // It must be known, whatever its value.
                values[parameter.Name!] = new JsonObject { ["schema"] = true };
            }
        }

        if (values.Count > 0)
        {
            to[field] = values;
        }
    }

    // A value that stands in the request as it is, or several times.
    private bool IsPlain(IOpenApiParameter parameter)
    {
        var type = parameter.Schema?.Type ?? default;
        var isPlain = parameter.Content is not { Count: > 0 } && !type.HasFlag(JsonSchemaType.Object) && (!type.HasFlag(JsonSchemaType.Array) || parameter switch
        {
            { In: ParameterLocation.Query } => parameter is { Style: null or ParameterStyle.Form, Explode: true },
            { In: ParameterLocation.Header } => true,
            _ => false,
        });
        if (!isPlain)
        {
            note($"{parameter.Name}: how it is written is not read here; its value is not checked");
        }

        return isPlain;
    }

    private JsonObject? BodyOf(string where, IOpenApiRequestBody? body)
    {
        if (body?.Content is not { Count: > 0 } content)
        {
            return null;
        }

        if (content.Keys.Any(type => !IsJson(type)))
        {
            note($"{where}: its body may be other than JSON; it is not checked");
            return null;
        }

        var asked = new JsonObject { ["required"] = body.Required };
        if (schemas.Import(content.Values.First().Schema, $"{where}: body") is { } schema)
        {
            asked["schema"] = schema;
        }

        return asked;
    }

    private static bool IsJson(string type)
    {
        var media = type.Split(';')[0].Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || (media.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }
}
