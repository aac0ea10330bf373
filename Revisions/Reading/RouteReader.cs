using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Route</c>.</summary>
internal static class RouteReader
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    public static Resource Read(string name, Fields fields)
    {
        var match = new RouteMatch([], "", [], [], []);
        if (fields.Object("match", required: true) is { } inner)
        {
            match = ReadMatch(inner);
            inner.Close();
        }

        var access = fields.OneOf<RouteAccess>("access", RouteAccess.Public);
        var split = fields.Objects("split", required: true, part => new SplitPart(part.Text("upstream"), (int)part.Number("weight", 0, 1_000_000, 1)));
        if (split.Length > 0 && split.All(p => p.Weight == 0))
        {
            fields.Wrong("split", "has no weight above 0; at least one part must take traffic");
        }

        foreach (var twice in split.GroupBy(p => p.Upstream, StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            fields.Wrong("split", $"names upstream '{twice.Key}' twice; give it one weight");
        }

        return new RouteResource(name, match, access, split, ReadSticky(fields, split.Length, access));
    }

    private static RouteMatch ReadMatch(Fields fields)
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

        return new RouteMatch(hosts, path, methods, ReadValues(fields, "headers"), ReadValues(fields, "query"));
    }

    private static ImmutableArray<ValueMatch> ReadValues(Fields fields, string field) =>
        fields.Objects(field, required: false, item => new ValueMatch(item.Text("name"), item.Texts("values")));

    private static Sticky? ReadSticky(Fields fields, int parts, RouteAccess access)
    {
        if (fields.Object("sticky") is not { } inner)
        {
            return null;
        }

        var by = inner.OneOf<StickyBy>("by", fallback: null);
        var name = inner.TextOrNull("name", required: by is not StickyBy.Subject);
        if (by is StickyBy.Subject && name is not null)
        {
            inner.Wrong("name", "has no effect with by: subject; leave it out");
        }

        if (by is StickyBy.Subject && access is RouteAccess.Public)
        {
            inner.Wrong("by", "subject has no effect on a public route, whose callers are not known; set access: key");
        }

        inner.Close();
        if (parts == 1)
        {
            fields.Wrong("sticky", "has no effect with one part in split; leave it out");
        }

        return new Sticky(by, name);
    }
}
