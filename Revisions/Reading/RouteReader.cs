using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Route</c>.</summary>
internal static class RouteReader
{
    /// <summary>The methods that are served.</summary>
    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private const int MostMirrors = 4;

    public static Resource Read(string name, Fields fields)
    {
        var access = fields.OneOf<RouteAccess>("access", RouteAccess.Public);
        var match = new RouteMatch([], "", [], [], []);
        if (fields.Object("match", required: true) is { } inner)
        {
            match = ReadMatch(inner, access);
            inner.Close();
        }

        var transforms = new TransformReader(fields, ParametersOf(match.Path));
        var (redirect, respond) = (transforms.ReadRedirect(), transforms.ReadRespond());
        var answers = redirect is not null || respond is not null;
        var split = fields.Objects("split", required: !answers, part => new SplitPart(part.Text("upstream"), (int)part.Number("weight", 0, 1_000_000, 1)));
        if (split.Length > 0 && split.All(p => p.Weight == 0))
        {
            fields.Wrong("split", "has no weight above 0; at least one part must take traffic");
        }

        foreach (var twice in split.GroupBy(p => p.Upstream, StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            fields.Wrong("split", $"names upstream '{twice.Key}' twice; give it one weight");
        }

        var lifecycle = LifecycleReader.Read(fields, ofRoute: true);
        if (!lifecycle.Preview.IsEmpty && access is not RouteAccess.Key)
        {
            fields.Wrong("preview", "has no effect on a public route, whose callers are not known; set access: key");
        }

        var (scopes, clients, takesBasic) = RouteAccessReader.Read(fields, access);
        var route = new RouteResource(name, match, access, split, StickyReader.Read(fields, split.Length, access))
        {
            Transforms = transforms.ReadTransforms(),
            Redirect = redirect,
            Respond = respond,
            Limits = RouteLimitsReader.ReadLimits(fields),
            LogBodies = BodyLoggingReader.Read(fields),
            Compress = RouteLimitsReader.ReadCompression(fields),
            Cache = fields.TextOrNull("cache"),
            Cors = CorsReader.Read(fields, match.Methods),
            Lifecycle = lifecycle,
            Mirrors = ReadMirrors(fields),
            Validation = ValidationReader.Read(fields, ParametersOf(match.Path)),
            Scopes = scopes,
            Clients = clients,
            TakesBasic = takesBasic,
        };
        if (answers)
        {
            CheckAnswer(fields, route);
        }

        return route;
    }

    private static ImmutableArray<RouteMirror> ReadMirrors(Fields fields)
    {
        var mirrors = fields.Objects("mirrors", required: false, mirror => new RouteMirror(mirror.Text("upstream"), Percents.Read(mirror, "share", 1, 100)));
        if (mirrors.Length > MostMirrors)
        {
            fields.Wrong("mirrors", $"has {mirrors.Length} entries; at most {MostMirrors}, for each is a request more");
        }

        foreach (var twice in mirrors.GroupBy(m => m.Upstream, StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            fields.Wrong("mirrors", $"names upstream '{twice.Key}' twice; give it one share");
        }

        return mirrors;
    }

    private static ImmutableArray<string> ParametersOf(string path) =>
        path.Length > 0 && PathTemplate.Parse(path, out _) is { } segments ? [.. segments.Where(s => s.Type is not PathTemplate.SegmentType.Literal).Select(s => s.Text)] : [];

    // What would have no effect where nobody is asked.
    private static void CheckAnswer(Fields fields, RouteResource route)
    {
        var answer = route.Redirect is null ? "respond" : "redirect";
        string[] without = [.. route.Redirect is null ? new[] { "query" } : ["respond"], "split", "sticky", "mirrors", "rewrite", "requestHeaders", "limits", "validate", "compress", "cache", "logBodies"];
        foreach (var field in without.Where(fields.Has))
        {
            fields.Wrong(field, $"has no effect beside {answer}, which answers by itself; leave one of them out");
        }
    }

    private static RouteMatch ReadMatch(Fields fields, RouteAccess access)
    {
        var hosts = HostFields.Read(fields, "hosts");
        var path = fields.Text("path");
        if (path.Length > 0 && PathTemplate.Parse(path, out var wrong) is null)
        {
            fields.Wrong("path", wrong);
        }

        var methods = fields.Texts("methods");
        for (var i = 0; i < methods.Length; i++)
        {
            if (!Methods.Contains(methods[i], StringComparer.Ordinal))
            {
                fields.Wrong($"methods[{i}]", $"must be one of {string.Join(", ", Methods)}; is '{methods[i]}'");
            }
        }

        return new RouteMatch(hosts, path, methods, ValueMatchReader.Read(fields, "headers"), ValueMatchReader.Read(fields, "query")) { When = StickyReader.ReadWhen(fields, access) };
    }
}
