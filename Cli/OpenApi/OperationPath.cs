using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sluice.Cli.OpenApi;

/// <summary>The path of an operation as a route may have it: without what follows a <c>#</c>, each parameter a whole segment.</summary>
/// <param name="Template">Such as <c>/files/{id}</c>.</param>
/// <param name="Mixed">Segments that are more than one parameter.</param>
internal sealed partial record OperationPath(string Template, IReadOnlyList<MixedSegment> Mixed)
{
    /// <summary>The same for all paths that meet the same requests.</summary>
    public string Shape => Parameter().Replace(Template, "{}");

    /// <summary>Of a description's path.</summary>
    public static OperationPath Of(string path)
    {
        var mixed = new List<MixedSegment>();
        var cut = path.IndexOf('#', StringComparison.Ordinal);
        var segments = (cut < 0 ? path : path[..cut]).Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var found = Parameter().Matches(segments[i]);
            if (found.Count == 0 || (found.Count == 1 && found[0].Length == segments[i].Length))
            {
                continue;
            }

            var parts = found.Select(part => part.Value.Trim('{', '}')).ToArray();
            var one = new MixedSegment(string.Join('_', parts), parts, $"^{string.Join("[^/]+", Parameter().Split(segments[i]).Select(Regex.Escape))}$");
            mixed.Add(one);
            segments[i] = $"{{{one.Name}}}";
        }

        return new OperationPath(string.Join('/', segments), mixed);
    }

    /// <summary>Adds what its segments must be to a route's <c>validate</c>, in place of what the description says of their parts.</summary>
    public JsonObject? Check(JsonObject? validate)
    {
        if (Mixed.Count == 0)
        {
            return validate;
        }

        validate ??= [];
        var path = validate["path"] as JsonObject ?? [];
        validate["path"] = path;
        foreach (var (name, parts, pattern) in Mixed)
        {
            foreach (var part in parts)
            {
                path.Remove(part);
            }

            path[name] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["pattern"] = pattern } };
        }

        return validate;
    }

    [GeneratedRegex("\\{[^{}/]+\\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}

/// <summary>A segment that has text beside its parameters, as one parameter.</summary>
/// <param name="Name">Of that.</param>
/// <param name="Parts">The names that the description has.</param>
/// <param name="Pattern">What the segment must be.</param>
internal sealed record MixedSegment(string Name, IReadOnlyList<string> Parts, string Pattern);
