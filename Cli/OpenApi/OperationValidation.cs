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
    /// <param name="where">What is asked for, for notes.</param>
    /// <param name="item">Its path.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="known">Parameters of the query that are described elsewhere.</param>
    public JsonObject? Of(string where, IOpenApiPathItem item, OpenApiOperation operation, IReadOnlyList<string> known)
    {
        var validate = new JsonObject();
        var parameters = (operation.Parameters ?? []).Concat(item.Parameters ?? []).DistinctBy(p => (p.In, p.Name)).ToArray();
        Put(validate, "path", ParameterLocation.Path, where, parameters);
        Put(validate, "query", ParameterLocation.Query, where, parameters);
        Put(validate, "headers", ParameterLocation.Header, where, parameters);
        if (isStrictQuery && IsKnown(where, parameters))
        {
            validate["strictQuery"] = true;
            foreach (var name in known)
            {
                Known(validate, name);
            }
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
            if (place is ParameterLocation.Query && ObjectParameters.Of(parameter) is { } parts)
            {
                foreach (var part in parts)
                {
                    Put(values, part.Name, part.IsRequired, part.Schema, $"{where}: {part.Name}");
                }

                continue;
            }

            var isObject = place is ParameterLocation.Query && parameter.Content is not { Count: > 0 } && ObjectParameters.IsObject(parameter.Schema);
            if (!IsPlain(parameter))
            {
                note($"{where}: {Describe(parameter)}; its value is not checked");
                if (!isObject)
                {
                    Put(values, parameter.Name!, parameter.Required && place is not ParameterLocation.Path, null, where);
                }

                continue;
            }

            Put(values, parameter.Name!, parameter.Required && place is not ParameterLocation.Path, parameter.Schema, $"{where}: {parameter.Name}");
        }

        if (isStrictQuery && place is ParameterLocation.Query)
        {
            // They must be known, whatever their values.
            foreach (var parameter in parameters.Where(p => p.In is ParameterLocation.Query && p.Name is not null && !ObjectParameters.IsObject(p.Schema) && !values.ContainsKey(p.Name)))
            {
                values[parameter.Name!] = new JsonObject { ["schema"] = true };
            }
        }

        if (values.Count > 0)
        {
            to[field] = values;
        }
    }

    private void Put(JsonObject values, string name, bool isRequired, IOpenApiSchema? asked, string where)
    {
        var value = new JsonObject();
        if (isRequired)
        {
            value["required"] = true;
        }

        if (schemas.Import(asked, where) is { } schema)
        {
            value["schema"] = schema;
        }

        if (value.Count > 0)
        {
            values[name] = value;
        }
        else if (isStrictQuery && asked is not null)
        {
            values[name] = new JsonObject { ["schema"] = true };
        }
    }

    // Of an object whose parts are not known nobody can tell what else is meant.
    private bool IsKnown(string where, IReadOnlyList<IOpenApiParameter> parameters)
    {
        var open = parameters.FirstOrDefault(p => p.In is ParameterLocation.Query && p.Content is not { Count: > 0 } && ObjectParameters.IsObject(p.Schema) && ObjectParameters.Of(p) is null);
        if (open is not null)
        {
            note($"{where}: query parameter '{open.Name}' is an object whose parts are not all known by name; other parameters of the query are not refused");
        }

        return open is null;
    }

    private static void Known(JsonObject validate, string name)
    {
        var query = validate["query"] as JsonObject ?? [];
        validate["query"] = query;
        query.TryAdd(name, new JsonObject { ["schema"] = true });
    }

    // A value that stands in the request as it is, or several times.
    private static bool IsPlain(IOpenApiParameter parameter)
    {
        var type = parameter.Schema?.Type ?? default;
        return parameter.Content is not { Count: > 0 } && !ObjectParameters.IsObject(parameter.Schema) && parameter.Style is not (ParameterStyle.Matrix or ParameterStyle.Label)
            && (!type.HasFlag(JsonSchemaType.Array) || parameter switch
            {
                { In: ParameterLocation.Query } => parameter is { Style: null or ParameterStyle.Form, Explode: true },
                { In: ParameterLocation.Header } => true,
                _ => false,
            });
    }

    private static string Describe(IOpenApiParameter parameter)
    {
        var what = $"{parameter.In?.ToString().ToLowerInvariant()} parameter '{parameter.Name}'";
        return parameter.Content is { Count: > 0 } content ? $"{what} is written as {content.Keys.First()}, which is not read here"
            : $"{what}, {(ObjectParameters.IsObject(parameter.Schema) ? "an object" : "a list")} in the style {(parameter.Style is { } style ? char.ToLowerInvariant(style.ToString()[0]) + style.ToString()[1..] : "simple")}{(parameter.Explode ? "" : " without explode")}, is not read here";
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
