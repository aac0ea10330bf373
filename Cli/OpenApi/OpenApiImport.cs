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

    private const int MostFiles = 5;

    private readonly OpenApiDocument _document;
    private readonly ImportChoices _choices;
    private readonly OperationValidation _validation;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private readonly string _name;
    private readonly ServerPaths _servers;
    private readonly SecurityNotes _security;
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    private OpenApiImport(OpenApiDocument document, ImportChoices choices)
    {
        (_document, _choices, _servers, _security) = (document, choices, new ServerPaths(document, Note), new SecurityNotes(document, choices.AsksForKey, Note));
        _name = Slug(choices.Name ?? document.Info?.Title ?? "") is { Length: > 0 } slug ? slug[..Math.Min(slug.Length, 30)].Trim('-') : "api";
        _validation = new OperationValidation(new SchemaImport(document, Note), Note, choices.IsStrictQuery);
    }

    /// <summary>Reads a description, YAML or JSON.</summary>
    /// <exception cref="UsageException">It is none; says why.</exception>
    public static (OpenApiDocument Document, IReadOnlyList<string> Notes) Read(string text)
    {
        var parsed = Bundle.Parse(text);
        if (!parsed.Errors.IsEmpty || parsed.Resources.Length != 1)
        {
            throw new UsageException(parsed.Errors.IsEmpty ? "the description must be one document" : $"the description cannot be read: {parsed.Errors[0].Path}: {parsed.Errors[0].Message}");
        }

        try
        {
            var (document, diagnostic) = OpenApiDocument.Parse(Encoding.UTF8.GetString(parsed.Resources[0]), OpenApiConstants.Json);
            return document is { Paths.Count: > 0 } ? (document, FilesOf(parsed.Resources[0]))
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

    // What stands in other files is not read: it would be what somebody else has put there.
    private static IReadOnlyList<string> FilesOf(ReadOnlyMemory<byte> description)
    {
        var files = new List<string>();
        var reader = new Utf8JsonReader(description.Span, new JsonReaderOptions { MaxDepth = 1_000 });
        for (var isReference = false; reader.Read();)
        {
            if (isReference && reader.TokenType is JsonTokenType.String && reader.GetString() is { Length: > 0 } to && to[0] != '#' && to.Split('#')[0] is var file && !files.Contains(file, StringComparer.Ordinal))
            {
                files.Add(file);
            }

            isReference = reader.TokenType is JsonTokenType.PropertyName && reader.ValueTextEquals("$ref"u8);
        }

        return files.Count == 0 ? []
            : [$"what stands in other files is not read ({string.Join(", ", files.Take(MostFiles).Select(file => $"'{file}'"))}{(files.Count > MostFiles ? string.Create(CultureInfo.InvariantCulture, $" and {files.Count - MostFiles} more") : "")}): put the description into one file first"];
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

        _servers.NoteOthers();
        if (_document.Webhooks is { Count: > 0 } hooks)
        {
            Note($"its webhooks are requests to its clients, which are not routed: {string.Join(", ", hooks.Keys)}");
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

        var where = $"{method} {path}";
        if (operation.Callbacks is { Count: > 0 } callbacks)
        {
            Note($"{where}: its callbacks are requests to its clients, which are not routed: {string.Join(", ", callbacks.Keys)}");
        }

        var (at, server) = (OperationPath.Of(path), _servers.Of(where, item, operation));
        var before = (_choices.Path ?? server).TrimEnd('/');
        if (!_places.TryAdd($"{method} {before}{at.Shape}", where))
        {
            Note($"{where}: it is left out: its requests are those of {_places[$"{method} {before}{at.Shape}"]}");
            return null;
        }

        var match = new JsonObject { ["path"] = before + at.Template, ["methods"] = new JsonArray(JsonValue.Create(method)) };
        if (!_choices.Hosts.IsEmpty)
        {
            match["hosts"] = new JsonArray([.. _choices.Hosts.Select(host => JsonValue.Create(host))]);
        }

        var route = new JsonObject
        {
            ["kind"] = "Route",
            ["name"] = NameOf(operation.OperationId ?? where),
            ["match"] = match,
            ["split"] = new JsonArray(new JsonObject { ["upstream"] = upstream }),
        };
        if (_choices.AsksForKey)
        {
            route["access"] = "key";
        }

        if (_choices.Path is { } moved && !string.Equals(moved.TrimEnd('/'), server, StringComparison.Ordinal))
        {
            route["rewrite"] = new JsonObject { ["path"] = server + at.Template };
        }

        var known = _security.Of(where, operation);
        if (_choices.Validates && at.Check(_validation.Of(where, item, operation, known)) is { } validate)
        {
            route["validate"] = validate;
        }
        else if (at.Mixed.Count > 0)
        {
            Note($"{where}: a parameter of a route is a whole segment; it meets whatever stands in {string.Join(", ", at.Mixed.Select(segment => $"{{{segment.Name}}}"))}");
        }

        return Checked(route, where);
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

    private static string Slug(string text) => Others().Replace(Humps().Replace(text, "${lower}-${upper}").ToLowerInvariant(), "-").Trim('-', '.', '_');

    [GeneratedRegex("(?<lower>[a-z0-9])(?<upper>[A-Z])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Humps();

    [GeneratedRegex("[^a-z0-9._]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Others();
}
