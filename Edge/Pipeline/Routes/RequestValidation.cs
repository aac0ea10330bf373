using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Bodies;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Schemas;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>Checks what a request carries against its route's <c>validate</c>. A body that is asked for is read whole; the upstream is sent the very bytes that were checked.</summary>
internal static class RequestValidation
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What is wrong with a request, the first of it; null: nothing.</summary>
    public static ValueTask<ClientError?> FindWrongAsync(in Arrival arrival, CompiledValidation asked, HeldBody? held = null)
    {
        var declared = asked.Declared;
        var wrong = FindInPath(arrival, asked) ?? FindInQuery(arrival.Http.Request.Query, declared) ?? FindInHeaders(arrival.Http.Request.Headers, declared);
        return wrong is not null || declared.Body is not { } body ? ValueTask.FromResult(wrong) : FindInBodyAsync(arrival.Http, body, held);
    }

    private static ClientError? FindInPath(in Arrival arrival, CompiledValidation asked)
    {
        if (asked.Declared.Path.IsEmpty)
        {
            return null;
        }

        foreach (var (parameter, text) in asked.PathOf(RouteEdit.ValuesOf(arrival, null)))
        {
            if (Check($"path parameter '{parameter.Name}'", parameter, text) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private static ClientError? FindInQuery(IQueryCollection query, RouteValidation declared)
    {
        foreach (var parameter in declared.Query)
        {
            if (Check($"query parameter '{parameter.Name}'", parameter, query[parameter.Name]) is { } wrong)
            {
                return wrong;
            }
        }

        return declared.IsStrictQuery && query.Keys.FirstOrDefault(key => !declared.Query.Any(q => q.Name.Equals(key, StringComparison.OrdinalIgnoreCase))) is { } unknown
            ? Invalid($"The query parameter '{unknown}' is unknown here; known are {(declared.Query.IsEmpty ? "none" : string.Join(", ", declared.Query.Select(q => q.Name)))}.")
            : null;
    }

    private static ClientError? FindInHeaders(IHeaderDictionary headers, RouteValidation declared)
    {
        foreach (var header in declared.Headers)
        {
            var given = headers[header.Name];
            var texts = header.Schema?.IsList is true ? new StringValues([.. given.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))]) : given;
            if (Check($"header '{header.Name}'", header, texts) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private static ClientError? Check(string what, ValidatedValue asked, StringValues given)
    {
        if (given.Count == 0)
        {
            return asked.IsRequired ? Invalid($"The {what} is missing.") : null;
        }

        if (asked.Schema is not { } schema)
        {
            return null;
        }

        if (given.Count > 1 && !schema.IsList)
        {
            return Invalid(string.Create(CultureInfo.InvariantCulture, $"The {what} is given {given.Count} times; it takes one value."));
        }

        return schema.Check(TypedText.Read(schema, given.Select(v => v ?? ""))) is { } fault ? Invalid($"The {what}{(fault.Place.Length > 0 ? $" at {fault.Place}" : "")} is wrong: {fault.Message}.") : null;
    }

    private static async ValueTask<ClientError?> FindInBodyAsync(HttpContext http, ValidatedBody asked, HeldBody? held)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false || request.ContentLength is 0)
        {
            return asked.IsRequired ? Invalid("A JSON body is needed, and there is none.") : null;
        }

        if (RequestBodies.CheckType(request) is { } wrongType)
        {
            return wrongType;
        }

        var bytes = new PooledBytes((int)Math.Min(request.ContentLength ?? 4096, asked.MaxSize));
        http.Response.RegisterForDispose(bytes);
        if (request.ContentLength > asked.MaxSize || !await RequestBodies.TryReadAsync(http, bytes, (int)asked.MaxSize, held))
        {
            return held?.Refusal ?? new ClientError(413, string.Create(CultureInfo.InvariantCulture, $"The request body is larger than this route takes: {asked.MaxSize} bytes."), "request_too_large");
        }

        MemoryMarshal.TryGetArray(bytes.Memory, out var read);
        request.Body = new MemoryStream(read.Array!, read.Offset, read.Count, writable: false);
        return bytes.Length == 0 ? asked.IsRequired ? Invalid("A JSON body is needed, and there is none.") : null : FindInJson(bytes.Span, asked.Schema);
    }

    private static ClientError? FindInJson(ReadOnlySpan<byte> json, RequestSchema? schema)
    {
        JsonNode? value;
        try
        {
            value = JsonNode.Parse(json, documentOptions: Strict);
        }
        catch (JsonException failure)
        {
            return Invalid($"The body is not JSON: {failure.Message}");
        }

        return schema?.Check(value) is { } fault ? Invalid($"The body{(fault.Place.Length > 0 ? $" at {fault.Place}" : "")} is wrong: {fault.Message}.") : null;
    }

    private static ClientError Invalid(string message) => new(400, message, "invalid_request");
}
