using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Sluice.Revisions;

namespace Sluice.Cli.OpenApi;

/// <summary>Makes routes of an OpenAPI description, one of each operation.</summary>
internal sealed partial class OpenApiImport
{
    private const int LongestName = 63;
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private readonly OpenApiDocument _document;
    private readonly ImportChoices _choices;
    private readonly OperationValidation _validation;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private readonly string _name;
    private readonly string _server;

    private OpenApiImport(OpenApiDocument document, ImportChoices choices)
    {
        (_document, _choices) = (document, choices);
        _name = Slug(choices.Name ?? document.Info?.Title ?? "") is { Length: > 0 } slug ? slug[..Math.Min(slug.Length, 30)].Trim('-') : "api";
        _server = ServerPath(document.Servers?.FirstOrDefault()?.Url);
        _validation = new OperationValidation(new SchemaImport(document, Note), Note, choices.IsStrictQuery);
    }

    /// <summary>Reads a description, YAML or JSON.</summary>
    /// <exception cref="UsageException">It is none; says why.</exception>
    public static OpenApiDocument Read(string text)
    {
        var parsed = Bundle.Parse(text);
        if (!parsed.Errors.IsEmpty || parsed.Resources.Length != 1)
        {
            throw new UsageException(parsed.Errors.IsEmpty ? "the description must be one document" : $"the description cannot be read: {parsed.Errors[0].Path}: {parsed.Errors[0].Message}");
        }

        try
        {
            var (document, diagnostic) = OpenApiDocument.Parse(Encoding.UTF8.GetString(parsed.Resources[0]), OpenApiConstants.Json);
            return document is { Paths.Count: > 0 } ? document
                : throw new UsageException($"the description has no paths{(diagnostic?.Errors is [{ Message: var message }, ..] ? $": {message}" : "")}");
        }
        catch (Exception e) when (e is OpenApiException or JsonException or InvalidOperationException)
        {
            throw new UsageException($"this is no OpenAPI description: {e.Message}");
        }
    }

    /// <summary>The resources, and what of the description they lack.</summary>
    public static (IReadOnlyList<JsonObject> Resources, IReadOnlyList<string> Notes) Import(OpenApiDocument document, ImportChoices choices)
    {
        var import = new OpenApiImport(document, choices);
        return ([.. import.Resources()], import._notes);
    }

    private void Note(string what) => _notes.Add(what);

    private IEnumerable<JsonObject> Resources()
    {
        var upstream = _choices.Upstream;
        if (upstream.Contains("://", StringComparison.Ordinal))
        {
            upstream = _name;
            yield return new JsonObject { ["kind"] = "Upstream", ["name"] = upstream, ["addresses"] = new JsonArray(JsonValue.Create(_choices.Upstream)) };
        }

        foreach (var (path, item) in _document.Paths)
        {
            foreach (var (method, operation) in item.Operations ?? [])
            {
                if (RouteOf(path, method.Method.ToUpperInvariant(), item, operation, upstream) is { } route)
                {
                    yield return route;
                }
            }
        }
    }

    private JsonObject? RouteOf(string path, string method, IOpenApiPathItem item, OpenApiOperation operation, string upstream)
    {
        if (!Methods.Contains(method, StringComparer.Ordinal))
        {
            Note($"{method} {path}: this method is not served; it is left out");
            return null;
        }

        var match = new JsonObject { ["path"] = (_choices.Path ?? _server).TrimEnd('/') + path, ["methods"] = new JsonArray(JsonValue.Create(method)) };
        if (!_choices.Hosts.IsEmpty)
        {
            match["hosts"] = new JsonArray([.. _choices.Hosts.Select(host => JsonValue.Create(host))]);
        }

        var route = new JsonObject
        {
            ["kind"] = "Route",
            ["name"] = NameOf(operation.OperationId ?? $"{method} {path}"),
            ["match"] = match,
            ["split"] = new JsonArray(new JsonObject { ["upstream"] = upstream }),
        };
        if (_choices.AsksForKey)
        {
            route["access"] = "key";
        }

        if (_choices.Path is { } moved && !string.Equals(moved.TrimEnd('/'), _server, StringComparison.Ordinal))
        {
            route["rewrite"] = new JsonObject { ["path"] = _server + path };
        }

        if (_choices.Validates && _validation.Of($"{method} {path}", item, operation) is { } validate)
        {
            route["validate"] = validate;
        }

        return Checked(route, $"{method} {path}");
    }

    // What a route would not take is found here, not where the bundle is applied.
    private JsonObject? Checked(JsonObject route, string where)
    {
        var errors = ResourceReader.Read(JsonSerializer.SerializeToUtf8Bytes(route)).Errors;
        if (!errors.IsEmpty && route.Remove("validate"))
        {
            Note($"{where}: its requests are not checked: {errors[0].Path}: {errors[0].Message}");
            errors = ResourceReader.Read(JsonSerializer.SerializeToUtf8Bytes(route)).Errors;
        }

        if (errors.IsEmpty)
        {
            return route;
        }

        Note($"{where}: it is left out: {errors[0].Path}: {errors[0].Message}");
        return null;
    }

    private string NameOf(string operation)
    {
        var slug = $"{_name}-{Slug(operation)}";
        var name = slug[..Math.Min(slug.Length, LongestName)].TrimEnd('-');
        for (var i = 2; !_names.Add(name); i++)
        {
            var end = string.Create(CultureInfo.InvariantCulture, $"-{i}");
            name = slug[..Math.Min(slug.Length, LongestName - end.Length)].TrimEnd('-') + end;
        }

        return name;
    }

    private static string ServerPath(string? url) => url is null || url.Contains('{', StringComparison.Ordinal) ? ""
        : url.StartsWith('/') ? url.TrimEnd('/')
        : Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.AbsolutePath.TrimEnd('/')
        : "";

    private static string Slug(string text) => Others().Replace(Humps().Replace(text, "${lower}-${upper}").ToLowerInvariant(), "-").Trim('-', '.', '_');

    [GeneratedRegex("(?<lower>[a-z0-9])(?<upper>[A-Z])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Humps();

    [GeneratedRegex("[^a-z0-9._]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Others();
}
