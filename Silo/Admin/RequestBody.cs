using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Silo.Admin;

/// <summary>Reads bodies, bounded. Exactly one of <c>Value</c> and <c>Problem</c> of each answer is set.</summary>
internal static class RequestBody
{
    /// <summary>The most bytes that a body may have; Kestrel refuses more with 413.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>YAML by its registered name (RFC 9512) and by those before it.</summary>
    public static readonly string[] Yaml = ["application/yaml", "text/yaml", "application/x-yaml"];

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly string[] Json = ["application/json"];
    private static readonly string[] Bundles = ["application/json", .. Yaml];

    /// <summary>A bundle as text, whatever its notation.</summary>
    public static Task<(string? Value, Problem? Problem)> ReadBundleAsync(HttpContext http) => ReadTextAsync(http, Bundles);

    /// <summary>One object with the fields of <typeparamref name="T"/> and no others.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadJsonAsync<T>(HttpContext http)
        where T : class
    {
        var (text, refusal) = await ReadTextAsync(http, Json);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        try
        {
            using var document = JsonDocument.Parse(text!, new JsonDocumentOptions { MaxDepth = 64 });
            var errors = CheckFields(document.RootElement, AdminJson.Options.GetTypeInfo(typeof(T)));
            return errors.Count > 0
                ? (null, Problem.InvalidRequest(errors))
                : (document.RootElement.Deserialize<T>(AdminJson.Options), null);
        }
        catch (JsonException e) when (e.Path is { Length: > 2 } path)
        {
            return (null, Problem.InvalidRequest(path[2..], "has a value of another type, or one that is not known"));
        }
        catch (JsonException e)
        {
            return (null, Problem.InvalidRequest("body", $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}, or nested deeper than 64"));
        }
    }

    /// <summary>The same, or <paramref name="absent"/> where there is no body.</summary>
    public static Task<(T? Value, Problem? Problem)> ReadOptionalAsync<T>(HttpContext http, T absent)
        where T : class => http.Request.ContentLength is 0 or null && !http.Request.Headers.ContainsKey("Transfer-Encoding")
            ? Task.FromResult<(T?, Problem?)>((absent, null))
            : ReadJsonAsync<T>(http);

    /// <summary>Any JSON, for readers of their own.</summary>
    public static async Task<(JsonDocument? Value, Problem? Problem)> ReadDocumentAsync(HttpContext http)
    {
        var (text, refusal) = await ReadTextAsync(http, Json);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        try
        {
            return (JsonDocument.Parse(text!, new JsonDocumentOptions { MaxDepth = 64 }), null);
        }
        catch (JsonException e)
        {
            return (null, Problem.InvalidRequest("body", $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}, or nested deeper than 64"));
        }
    }

    /// <summary>Errors as fields of the body alone, which a reader notes behind <c>body: </c>.</summary>
    public static ImmutableArray<FieldError> InBody(IEnumerable<FieldError> errors) => [.. errors.Select(e => e with { Path = e.Path.Replace("body: ", "", StringComparison.Ordinal) })];

    private static List<FieldError> CheckFields(JsonElement root, JsonTypeInfo type)
    {
        if (root.ValueKind is not JsonValueKind.Object)
        {
            return [new FieldError("body", "must be a JSON object")];
        }

        var errors = new List<FieldError>();
        var known = type.Properties.Select(p => p.Name).ToArray();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in root.EnumerateObject())
        {
            if (!known.Contains(field.Name, StringComparer.Ordinal))
            {
                errors.Add(new FieldError(field.Name, Unknown.Say("field", field.Name, known)));
            }
            else if (!seen.Add(field.Name))
            {
                errors.Add(new FieldError(field.Name, "is there more than once"));
            }
        }

        return errors;
    }

    private static async Task<(string? Value, Problem? Problem)> ReadTextAsync(HttpContext http, string[] types)
    {
        if (http.Request.ContentType is { Length: > 0 } type
            && (!MediaTypeHeaderValue.TryParse(type, out var parsed) || !types.Contains(parsed.MediaType.Value, StringComparer.OrdinalIgnoreCase)))
        {
            return (null, Problem.MediaType);
        }

        if (http.Request.Headers.ContentEncoding.Any(static encoding => !string.IsNullOrEmpty(encoding) && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            return (null, Problem.Encoded);
        }

        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        try
        {
            var text = Strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
            return (text.StartsWith('\uFEFF') ? text[1..] : text, null);
        }
        catch (DecoderFallbackException e)
        {
            return (null, Problem.InvalidRequest("body", $"is not UTF-8 at byte {e.Index}"));
        }
    }
}
